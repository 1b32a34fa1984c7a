//! `bilim demo`: a synthetic country, submitted, landed, answered.
//!
//! The files below `DIR/submissions` go through the same intake and landing as any
//! submission, with the defects that real ones have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use bilim_domain::generator::{Country, Defect, DefectEvent, Options, Place};
use bilim_domain::ids::Kato;
use bilim_domain::records::{Form as RecordForm, Record};
use bilim_domain::year::Year;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::DemoArgs;
use super::context::Context;
use super::error::CliError;
use super::init::use_definitions;
use super::output;
use super::prepare::{Origin, Reading, landing, prepare};
use super::submit::territory;
use crate::intake::Remit;
use crate::lake::{AsOf, Lake, WriterOptions};
use crate::query;

/// Tells a folder of ours, which may be made anew, from anybody else's.
const MARKER: &str = ".bilim-demo";

/// Files that land in one commit.
const BATCH: usize = 1000;

/// The ten headline indicators of the republic.
const HEADLINE: [&str; 10] =
    ["CON-01", "NET-01", "ACC-01", "NET-04", "TCH-01", "TCH-03", "TCH-05", "GRD-02", "SFC-02", "UNT-03"];

/// A file to submit: who, when, and in which order among those of its form.
struct Submission {
    path: PathBuf,
    subject: Option<i64>,
    remit: Remit,
    at: DateTime<Utc>,
}

pub async fn run(context: &Context, args: DemoArgs) -> Result<u8, CliError> {
    let start = Instant::now();
    let dir = args.dir;
    make_folder(&dir)?;
    let country = Country::new(&Options::new(args.seed, args.scale), &places(context)?)
        .map_err(|error| CliError::Usage(error.to_string()))?;
    context.note(&format!("a country at scale {} from seed {}, in {}", args.scale, args.seed, dir.display()));

    let submissions = write_all(context, &country, &dir)?;
    let count: usize = submissions.values().map(Vec::len).sum();
    context.note(&format!("wrote {count} submissions ({:.1} s)", start.elapsed().as_secs_f64()));

    let lake = Lake::init(&dir.join("lake").display().to_string()).await?;
    land_all(context, &lake, submissions).await?;
    context.note(&format!("checked and landed them ({:.1} s)", start.elapsed().as_secs_f64()));

    let snapshot = lake.snapshot(AsOf::Latest).await?;
    let ctx = context.session_over(&snapshot)?;
    report(context, &ctx, &dir).await?;
    context.note(&format!("done in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(0)
}

/// An empty folder: new, or ours from an earlier run.
fn make_folder(dir: &Path) -> Result<(), CliError> {
    let bad = |source| CliError::File { path: dir.to_owned(), source };
    if dir.exists() {
        let is_ours = dir.join(MARKER).exists();
        let is_empty = std::fs::read_dir(dir).map_err(bad)?.next().is_none();
        if !is_ours && !is_empty {
            return Err(CliError::Usage(format!(
                "{} holds something else; name an empty or new folder with --dir",
                dir.display()
            )));
        }
        if is_ours {
            std::fs::remove_dir_all(dir).map_err(bad)?;
        }
    }
    std::fs::create_dir_all(dir.join("submissions")).map_err(bad)?;
    std::fs::write(dir.join(MARKER), b"made by bilim demo\n").map_err(bad)
}

/// Districts of all vintages from the reference data, with the units that their organisations pass to.
fn places(context: &Context) -> Result<Vec<Place>, CliError> {
    let rows = |path: &str| -> Result<Vec<BTreeMap<String, String>>, CliError> {
        let text = context.definitions.assets.text(path)?;
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        reader
            .deserialize()
            .collect::<Result<_, _>>()
            .map_err(|error| CliError::Config { path: PathBuf::from(path), source: Box::new(error) })
    };
    let units = rows("datasets/reference/geo.csv")?;
    let crosswalk = rows("datasets/reference/geo_crosswalk.csv")?;
    let cell = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let date = |text: String| text.parse::<NaiveDate>().ok();
    let region_names: BTreeMap<String, String> = units
        .iter()
        .filter(|row| cell(row, "tier") == "region")
        .map(|row| (cell(row, "kato"), cell(row, "name_en")))
        .collect();
    let districts: Vec<_> = units
        .iter()
        .filter(|row| cell(row, "tier") == "district" && cell(row, "unit_type") != "unallocated")
        .collect();
    let mut places = Vec::new();
    for row in &districts {
        let kato = cell(row, "kato");
        let valid_to = date(cell(row, "valid_to"));
        let follows = |other: &&&BTreeMap<String, String>| {
            date(cell(other, "valid_from")).is_some_and(|from| Some(from) == valid_to)
        };
        // The unit itself under its next code, else whatever the crosswalk says of its ground.
        let mut successors: Vec<Kato> = districts
            .iter()
            .filter(|other| cell(other, "geo_id") == cell(row, "geo_id"))
            .filter(follows)
            .filter_map(|other| cell(other, "kato").parse().ok())
            .collect();
        if successors.is_empty() && valid_to.is_some() {
            successors = crosswalk
                .iter()
                .filter(|pair| cell(pair, "kato_from") == kato)
                .filter_map(|pair| cell(pair, "kato_to").parse().ok())
                .collect();
        }
        let unit_type = cell(row, "unit_type");
        let Ok(code) = kato.parse() else { continue };
        places.push(Place {
            kato: code,
            name: cell(row, "name_en"),
            region_name: region_names.get(&cell(row, "parent_kato")).cloned().unwrap_or_default(),
            is_urban: unit_type != "district",
            weight: match unit_type.as_str() {
                "city_district" => 6,
                "city" => 4,
                _ => 2,
            },
            valid_from: date(cell(row, "valid_from")),
            valid_to,
            successors,
        });
    }
    Ok(places)
}

/// Write every submission file; the answer lists them by form in the order in which they are submitted.
fn write_all(
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
            for region in country.regions(year, form) {
                let kato = region.kato().map_or(0, i32::from);
                let path = folder.join(format!("{year}-{kato:09}.csv"));
                let mut file = RecordFile::create(&path, form)?;
                if matches!(form, RecordForm::Authority | RecordForm::Population) {
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
                let is_organisation =
                    !matches!(form, RecordForm::Authority | RecordForm::Population | RecordForm::Unt);
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
    let mut send = |name: &str,
                    rows: &[Record],
                    day: u32,
                    delay: i64,
                    spoiled: Option<(usize, bilim_domain::generator::RowFault)>| {
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

/// A CSV file of records.
struct RecordFile {
    path: PathBuf,
    out: BufWriter<File>,
    line: Vec<u8>,
    rows: u64,
}

impl RecordFile {
    fn create(path: &Path, form: RecordForm) -> Result<Self, CliError> {
        let bad = |source| CliError::File { path: path.to_owned(), source };
        let mut out = BufWriter::with_capacity(1 << 18, File::create(path).map_err(bad)?);
        writeln!(out, "{}", form.header()).map_err(bad)?;
        Ok(Self { path: path.to_owned(), out, line: Vec::new(), rows: 0 })
    }

    fn add(&mut self, record: &Record) -> Result<(), CliError> {
        self.line.clear();
        record.write_csv(&mut self.line);
        self.put()
    }

    fn add_spoiled(
        &mut self,
        record: &Record,
        form: RecordForm,
        fault: bilim_domain::generator::RowFault,
    ) -> Result<(), CliError> {
        self.line.clear();
        record.write_csv(&mut self.line);
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line = format!("{}\n", fault.spoil(form, line.trim_end())).into_bytes();
        self.put()
    }

    fn put(&mut self) -> Result<(), CliError> {
        self.rows += 1;
        self.out.write_all(&self.line).map_err(|source| CliError::File { path: self.path.clone(), source })
    }

    fn finish(mut self) -> Result<u64, CliError> {
        self.out.flush().map_err(|source| CliError::File { path: self.path.clone(), source })?;
        Ok(self.rows)
    }
}

/// Submit the files form by form, each form in as few commits as its files allow.
async fn land_all(
    context: &Context,
    lake: &Lake,
    submissions: BTreeMap<RecordForm, Vec<Submission>>,
) -> Result<(), CliError> {
    let writer = lake.writer(WriterOptions::from(&context.config)).await?;
    use_definitions(context, &writer).await?;
    let territory = Arc::new(territory(context)?);
    let total: usize = submissions.values().map(Vec::len).sum();
    let progress = if context.global.quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} submissions {elapsed}") {
        progress.set_style(style);
    }
    for (record_form, files) in submissions {
        let code = record_form.code();
        let form = context
            .definitions
            .form(code)
            .cloned()
            .ok_or_else(|| CliError::Usage(format!("there is no form {code}")))?;
        for batch in files.chunks(BATCH) {
            let jobs: Vec<_> = batch
                .iter()
                .map(|file| {
                    let reading = Reading {
                        config: context.config.clone(),
                        territory: Arc::clone(&territory),
                        remit: file.remit.clone(),
                        year: None,
                        forms: context.definitions.forms.clone(),
                        held: Arc::default(),
                    };
                    let (writer, form) = (&writer, &form);
                    async move { prepare(writer, form, &file.path, &reading).await }
                })
                .collect();
            let prepared: Vec<_> =
                futures::stream::iter(jobs).buffered(2).inspect_ok(|_| progress.inc(1)).try_collect().await?;
            let landings = prepared
                .into_iter()
                .zip(batch)
                .map(|(prepared, file)| {
                    let from = Origin { subject: file.subject, system: Some("nobd".to_owned()) };
                    landing(&form, prepared, &from, None, file.at)
                })
                .collect();
            writer.land(landings).await?;
        }
    }
    progress.finish_and_clear();
    Ok(())
}

/// What the country looks like, and where to go on.
async fn report(
    context: &Context,
    ctx: &datafusion::prelude::SessionContext,
    dir: &Path,
) -> Result<(), CliError> {
    let lang = context.lang_code();
    let section = |title: &str| println!("\n{title}");
    section("Submissions");
    show(
        context,
        ctx,
        "select form, sum(case when outcome = 'accepted' then 1 else 0 end) as accepted, sum(case when outcome = \
         'rejected' then 1 else 0 end) as rejected, sum(case when outcome = 'accepted' then row_count else 0 end) as \
         rows, sum(superseded_row_count) as superseded, sum(error_count) as errors, sum(warning_count) as warnings from \
         gov.submission group by form order by form",
    )
    .await?;
    section("What was found most often");
    show(
        context,
        ctx,
        &format!(
            "select s.form, f.rule, f.severity, f.field, count(*) as findings, min(f.message_{lang}) as for_instance from \
             gov.finding f join gov.submission s on s.submission = f.submission group by s.form, f.rule, f.severity, \
             f.field order by findings desc, s.form, f.rule, f.field limit 6"
        ),
    )
    .await?;
    let years = [2019, 2020, 2021, 2022, 2023, 2024];
    let columns: Vec<String> = years
        .iter()
        .map(|year| {
            format!(
                "max(case when i.year = {year} then round_half_away(i.value, d.decimals) end) as \"{year}\""
            )
        })
        .collect();
    let codes: Vec<String> = HEADLINE.iter().map(|code| format!("'{code}'")).collect();
    section("The republic over the years");
    show(
        context,
        ctx,
        &format!(
            "select i.indicator, d.name_{lang} as name, i.level, i.unit, {} from mart.indicator i join ref.indicator d on \
             d.indicator = i.indicator and d.headline_level = i.level where i.indicator in ({}) and i.tier = 'republic' \
             and i.breakdown = 'total' group by i.indicator, d.name_{lang}, i.level, i.unit order by i.indicator",
            columns.join(", "),
            codes.join(", ")
        ),
    )
    .await?;
    section("Regions by TCH-01, learners per teacher, 2024");
    show(
        context,
        ctx,
        &format!(
            "select rank, geo_name_{lang} as region, round_half_away(value, 1) as value, rank_prev, rank_change, \
             round_half_away(coverage, 3) as coverage from mart.ranking where indicator = 'TCH-01' and tier = 'region' \
             and level = 'school' and breakdown = 'total' and year = 2024 order by rank, geo_code"
        ),
    )
    .await?;
    section("Kokshetau city beside its region and the republic, 2024");
    show(
        context,
        ctx,
        "select p.indicator, p.level, p.unit, round_half_away(p.value, d.decimals) as kokshetau, \
         round_half_away(p.parent_value, d.decimals) as akmola, round_half_away(p.republic_value, d.decimals) as republic \
         from mart.territory_profile p join ref.indicator d on d.indicator = p.indicator where p.geo_code = '111000000' \
         and p.year = 2024 order by p.indicator",
    )
    .await?;
    let lake = dir.join("lake");
    println!("\nTry next:");
    println!("  bilim dynamics GRD-02 --by sex --lake {}", lake.display());
    println!("  bilim ranking UNT-03 --tier district --geo 110000000 --lake {}", lake.display());
    println!("  bilim catalog TCH-01 --sql --lake {}", lake.display());
    println!("  bilim sql --lake {}", lake.display());
    Ok(())
}

async fn show(
    context: &Context,
    ctx: &datafusion::prelude::SessionContext,
    sql: &str,
) -> Result<(), CliError> {
    let stream = query::run(ctx, sql).await?;
    output::table(context, stream).await?;
    Ok(())
}
