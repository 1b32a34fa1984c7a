//! The submissions of the synthetic country as files, with the defects that real ones have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bilim_domain::generator::{Country, Defect, DefectEvent, RowFault};
use bilim_domain::records::{Form as RecordForm, Record};
use bilim_domain::year::Year;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::file::RecordFile;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::intake::Remit;

/// A file to submit: who, when, and in which order among those of its form.
pub(super) struct Submission {
    pub(super) path: PathBuf,
    pub(super) subject: Option<i64>,
    pub(super) remit: Remit,
    pub(super) at: DateTime<Utc>,
}

/// Write every submission file; the answer lists them by form in the order in which they are submitted.
pub(super) fn write_all(
    context: &Context,
    country: &Country,
    dir: &Path,
) -> Result<BTreeMap<RecordForm, Vec<Submission>>, CliError> {
    let mut all = BTreeMap::new();
    let departments = departments(country);
    for &form in RecordForm::ALL {
        let folder = dir.join("submissions").join(form.code());
        std::fs::create_dir_all(&folder).map_err(|source| CliError::File { path: folder.clone(), source })?;
        let mut first = Vec::new();
        let mut later = Vec::new();
        for year in country.years(form) {
            let events: BTreeMap<u32, DefectEvent> = country
                .defects(year)
                .filter(|event| event.form == form)
                .map(|event| (event.org, event))
                .collect();
            let due = submitted_on(year, 5);
            if is_of_the_republic(form) {
                let path = folder.join(format!("{year}.csv"));
                let mut file = RecordFile::create(&path, form)?;
                for region in country.regions(year, form) {
                    country.records(year, region, form).try_for_each(|record| file.add(&record))?;
                }
                file.finish()?;
                first.push(Submission { path, subject: None, remit: Remit::Everything, at: due });
                continue;
            }
            for region in country.regions(year, form) {
                let kato = region.kato().map_or(0, i32::from);
                let path = folder.join(format!("{year}-{kato:09}.csv"));
                let mut file = RecordFile::create(&path, form)?;
                if events.is_empty() {
                    for record in country.records(year, region, form) {
                        file.add(&record)?;
                    }
                } else {
                    for subject in country.organisations(year, region) {
                        let rows = country.submission(subject.org, year, form);
                        match events.get(&subject.org) {
                            Some(event) => own_files(country, event, &rows, &folder, &mut file, &mut later)?,
                            None => rows.iter().try_for_each(|record| file.add(record))?,
                        }
                    }
                }
                if file.finish()? == 0 {
                    std::fs::remove_file(&path)
                        .map_err(|source| CliError::File { path: path.clone(), source })?;
                    continue;
                }
                let subject = departments.get(&(i32::from(year), kato)).copied();
                let is_organisation = is_of_organisations(form);
                let remit = if is_organisation && subject.is_some() {
                    Remit::Territories(BTreeSet::from([kato]))
                } else {
                    Remit::Everything
                };
                first.push(Submission { path, subject: subject.filter(|_| is_organisation), remit, at: due });
            }
        }
        first.extend(later);
        context.note(&format!("  {}: {} files", form.code(), first.len()));
        all.insert(form, first);
    }
    Ok(all)
}

/// Studies and statistics of the whole republic: a file holds all of an edition, for it replaces the one before.
fn is_of_the_republic(form: RecordForm) -> bool {
    matches!(
        form,
        RecordForm::Aggregate
            | RecordForm::Factor
            | RecordForm::StudyPupil
            | RecordForm::StudyValue
            | RecordForm::StudyWeight
            | RecordForm::PublishedObservation
            | RecordForm::SampleResult
            | RecordForm::SurveyAnswer
    )
}

/// What organisations owe and departments send for them; all else comes from ministry and agencies.
fn is_of_organisations(form: RecordForm) -> bool {
    matches!(
        form,
        RecordForm::Organisation
            | RecordForm::Pupil
            | RecordForm::Class
            | RecordForm::Staff
            | RecordForm::Infrastructure
            | RecordForm::Mark
            | RecordForm::Exam
            | RecordForm::Vacancy
            | RecordForm::MethodicalDay
            | RecordForm::TveGraduate
            | RecordForm::Activity
            | RecordForm::Meal
            | RecordForm::Application
    )
}

/// BIN of the department of each region and year.
fn departments(country: &Country) -> BTreeMap<(i32, i32), i64> {
    let mut departments = BTreeMap::new();
    for year in country.years(RecordForm::Authority) {
        for region in country.regions(year, RecordForm::Authority) {
            for record in country.records(year, region, RecordForm::Authority) {
                if let Record::Authority(authority) = record {
                    let kato = authority.kato.0.map_or(0, i32::from);
                    if authority.kind.code() == "region_dept" {
                        departments.insert((i32::from(year), kato), i64::from(authority.bin));
                    }
                }
            }
        }
    }
    departments
}

fn submitted_on(year: Year, day: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(i32::from(year), 10, day)
        .and_then(|date| date.and_hms_opt(6, 0, 0))
        .expect("the sixth hour of an October day exists")
        .and_utc()
}

/// What an organisation with a defect sends by itself, and what of it the department's file holds.
fn own_files(
    country: &Country,
    event: &DefectEvent,
    rows: &[Record],
    folder: &Path,
    department: &mut RecordFile,
    later: &mut Vec<Submission>,
) -> Result<(), CliError> {
    if rows.is_empty() {
        return Ok(());
    }
    let bin = i64::from(event.org_bin);
    let mut send = |name: &str, rows: &[Record], day: u32, delay: i64, spoiled: Option<(usize, RowFault)>| {
        let path = folder.join(format!("{}-{bin:012}{name}.csv", event.year));
        let mut file = RecordFile::create(&path, event.form)?;
        for (index, record) in rows.iter().enumerate() {
            match spoiled {
                Some((row, fault)) if row == index => file.add_spoiled(record, event.form, fault)?,
                _ => file.add(record)?,
            }
        }
        file.finish()?;
        let is_agency = event.form == RecordForm::Unt;
        later.push(Submission {
            path,
            subject: (!is_agency).then_some(bin),
            remit: if is_agency { Remit::Everything } else { Remit::Organisations(BTreeSet::from([bin])) },
            at: submitted_on(event.year, day) + TimeDelta::days(delay),
        });
        Ok::<(), CliError>(())
    };
    let mut changed = rows.to_vec();
    event.apply(country, &mut changed);
    match event.defect {
        Defect::Missing => {}
        Defect::Late { working_days } => send("-late", rows, 6, i64::from(working_days) * 7 / 5, None)?,
        Defect::DoubleSameBytes => {
            send("", rows, 5, 0, None)?;
            send("-again", rows, 6, 0, None)?;
        }
        Defect::DoubleWithCorrection { .. } => {
            send("", rows, 5, 0, None)?;
            send("-corrected", &changed, 7, 0, None)?;
        }
        Defect::PaddedPupils { .. } => changed.iter().try_for_each(|record| department.add(record))?,
        Defect::RowError { row, fault } => {
            send("-faulty", rows, 5, 0, Some((row as usize % rows.len(), fault)))?;
            // Every other one is mended; the rest stays owed.
            if bin % 2 == 0 {
                send("-mended", rows, 9, 0, None)?;
            }
        }
        Defect::CorrectionAfterFixing { .. } => {
            rows.iter().try_for_each(|record| department.add(record))?;
            send("-after-fixing", &changed, 25, 0, None)?;
        }
    }
    Ok(())
}
