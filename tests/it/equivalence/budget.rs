//! Random budgets, wages and counts: published aggregates.

use bilim_domain::dimension::Ownership;
use bilim_domain::level::{Composite, Level, LevelCode};
use bilim_domain::records::{Aggregate, Code, PopulationStatus, Record, RepublicOr, TotalOr};

use super::country::{Bits, DISTRICTS, YEARS, day, kato, year};

/// Budgets of both years: the republic, the regions and the districts, some of the numbers missing, some
/// in an edition that another one replaces.
pub fn rows(number: u64, records: &mut Vec<Record>) {
    let mut bits = Bits(number.rotate_left(17));
    let all = LevelCode::Composite(Composite::All);
    let school = LevelCode::Composite(Composite::School);
    let pre_school = LevelCode::Single(Level::PreSchool);
    let tve = LevelCode::Single(Level::Tve);
    let series: [(&str, LevelCode, Option<Ownership>, &str); 21] = [
        ("expenditure_current", school, None, "kzt"),
        ("expenditure_current", pre_school, None, "kzt"),
        ("staff_compensation", school, None, "kzt"),
        ("state_order_payments", school, None, "kzt"),
        ("state_order_payments", school, Some(Ownership::Private), "kzt"),
        ("expenditure", all, None, "kzt"),
        ("government_expenditure", all, None, "kzt"),
        ("grp", all, None, "kzt_million"),
        ("grp_per_capita", all, None, "kzt"),
        ("cpi", all, None, "index"),
        // Of no unit of FIN: all of them together.
        ("expenditure_current", all, None, "kzt"),
        ("mean_wage", all, None, "kzt"),
        ("mean_wage_teachers", school, None, "kzt"),
        ("mean_wage_teachers", pre_school, None, "kzt"),
        ("sen_registered", all, None, "persons"),
        ("pupils", school, None, "pupils"),
        ("teachers", school, None, "persons"),
        ("schools", school, None, "organisations"),
        ("tve_graduates", tve, None, "persons"),
        ("tve_graduates_employed", tve, None, "persons"),
        ("tve_graduates_continuing", tve, None, "persons"),
    ];
    for reporting in YEARS {
        for territory in [0, 110_000_000, 150_000_000].into_iter().chain(DISTRICTS) {
            for (series, level, ownership, unit) in series {
                let (is_missing, has_second) = (bits.rarely(7), bits.rarely(5));
                bits = Bits(bits.0.rotate_left(5) ^ number);
                if is_missing {
                    continue;
                }
                for edition in 0..=i64::from(has_second) {
                    let value = i64::from(bits.small(200)) * 1_000 + 700 + edition;
                    bits = Bits(bits.0.rotate_left(9) ^ number);
                    records.push(Record::Aggregate(Aggregate {
                        year: year(reporting),
                        kato: RepublicOr((territory != 0).then(|| kato(territory))),
                        series: Code::Borrowed(series),
                        level,
                        sex: TotalOr(None),
                        locality: TotalOr(None),
                        language: TotalOr(None),
                        ownership: TotalOr(ownership),
                        study_form: TotalOr(None),
                        grade: -1,
                        value: Some(value),
                        unit: Code::Borrowed(unit),
                        flag: Code::Borrowed("ok"),
                        publisher: Code::Borrowed("bns"),
                        edition: Code::Owned(format!("{reporting}-{edition}")),
                        published_on: Some(day(reporting + 1, 5 + u32::try_from(edition).unwrap(), 1)),
                        status: PopulationStatus::Final,
                    }));
                }
            }
        }
    }
}
