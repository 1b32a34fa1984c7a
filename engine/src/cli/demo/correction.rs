//! One school that has reported learners who had left: what it sends once it has noticed.

use std::path::{Path, PathBuf};

use bilim_domain::generator::Country;
use bilim_domain::level::Level;
use bilim_domain::records::{ExitReason, Form as RecordForm, Record};
use bilim_domain::year::Year;
use chrono::NaiveDate;

use super::file::RecordFile;
use crate::cli::error::CliError;

/// Learners that were reported too many.
const LEFT: usize = 3;

/// The file, and who sends it.
pub(super) struct Correction {
    /// All learners of the school, anew.
    pub(super) path: PathBuf,
    /// Its form.
    pub(super) form: &'static str,
    /// BIN of the school.
    pub(super) bin: String,
    /// Learners that it takes back.
    pub(super) left: usize,
}

/// Write the correction of the first school that reported without a defect; `None` when a country of this size
/// has no such school.
pub(super) fn write(country: &Country, year: Year, dir: &Path) -> Result<Option<Correction>, CliError> {
    let form = RecordForm::Pupil;
    let defective: Vec<u32> = country.defects(year).map(|event| event.org).collect();
    let Some(left_on) = NaiveDate::from_ymd_opt(i32::from(year), 9, 20) else { return Ok(None) };
    for region in country.regions(year, form) {
        for subject in country.organisations(year, region) {
            if defective.contains(&subject.org) {
                continue;
            }
            let mut rows = country.submission(subject.org, year, form);
            let left = rows.iter_mut().rev().filter_map(|record| match record {
                Record::Pupil(pupil)
                    if pupil.is_active() && pupil.enrol_from < left_on && is_school(pupil.level) =>
                {
                    Some(pupil)
                }
                _ => None,
            });
            let mut count = 0;
            for pupil in left.take(LEFT) {
                pupil.enrol_to = Some(left_on);
                pupil.exit_reason = Some(ExitReason::Transfer);
                count += 1;
            }
            if count < LEFT {
                continue;
            }
            let bin = format!("{:012}", i64::from(subject.bin));
            let name = format!("{year}-{bin}-left-in-september.csv");
            let path = dir.join("submissions").join(form.code()).join(name);
            let mut file = RecordFile::create(&path, form)?;
            rows.iter().try_for_each(|record| file.add(record))?;
            file.finish()?;
            return Ok(Some(Correction { path, form: form.code(), bin, left: count }));
        }
    }
    Ok(None)
}

/// Grades 1 to 12.
fn is_school(level: Level) -> bool {
    matches!(level, Level::Primary | Level::BasicSecondary | Level::GeneralSecondary)
}
