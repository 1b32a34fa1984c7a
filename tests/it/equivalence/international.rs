//! The international tier: random published observations and random pupils of studies, against the oracle.

use std::collections::BTreeMap;

use bilim_domain::dimension::{Locality, Ownership, Sex};
use bilim_domain::oracle::assessment::{Group, StudyCell, StudyRecords, Tested, tested_value};
use bilim_domain::oracle::published::{CountryCell, Published, breakdown_of, published_value};
use bilim_domain::records::{
    Code, Hundredths, Millionths, PublishedObservation, Record, StudyPupil, StudyValue, StudyWeight,
    TenThousandths,
};
use datafusion::prelude::SessionContext;

use super::country::{Bits, day, mixed, year};
use super::ready::is_near_by;
use super::warehouse::{Key, answers};

/// Years of the observations: two cycles of studies and the year between.
const YEARS: [i32; 3] = [2018, 2021, 2022];
const COUNTRIES: [&str; 2] = ["KAZ", "KGZ"];
const LEVELS: [&str; 2] = ["primary", "basic_secondary"];
const TOTAL: &str = "_T";
/// Year of the studies with records of pupils.
const TESTED_YEAR: i32 = 2022;
/// Studies with records of pupils, their level and a subject.
const STUDIES: [(&str, &str, &str); 3] = [
    ("pisa", "basic_secondary", "mathematics"),
    ("icils", "basic_secondary", "digital_literacy"),
    ("pirls", "primary", "reading"),
];
/// Most that two ways of the same arithmetic may differ, relative to the value; the sums of a standard error
/// are longer.
const TOLERANCE: f64 = 1e-9;
const ERROR_TOLERANCE: f64 = 1e-7;

/// Every code that is compared at the international tier.
pub const CODES: [&str; 18] = [
    "ACC-NER",
    "CON-07",
    "EFF-11",
    "FIN-03-PPP",
    "ILS-01",
    "ILS-02",
    "ILS-03",
    "ILS-04",
    "ILS-04-SLOPE",
    "ILS-04-R2",
    "ILS-05",
    "ILS-06",
    "ILS-07",
    "ILS-08",
    "ILS-08-BELOW",
    "ILS-09",
    "TCH-09-SDG",
    "TCH-10",
];

/// Published observations and pupils of studies.
pub fn rows(number: u64, records: &mut Vec<Record>) {
    observations(mixed(number, 1), records);
    for (index, study) in STUDIES.into_iter().enumerate() {
        for (place, country) in COUNTRIES.into_iter().enumerate() {
            pupils(study, country, mixed(number, 2 + (index * 2 + place) as u64), records);
        }
    }
}

/// What an observation says beside its number.
struct Named<'a> {
    concept: &'a str,
    series: &'a str,
    level: &'a str,
    sex: &'a str,
    locality: &'a str,
    grade: i32,
    subject: Option<&'static str>,
    unit: &'static str,
}

/// Where an observation is printed.
struct Printed {
    year: i32,
    country: &'static str,
    publisher: &'static str,
    edition: &'static str,
    /// Month of 2024 in which the edition came out.
    month: u32,
}

fn observation(printed: &Printed, named: &Named<'_>, number: u64) -> Record {
    let mut bits = Bits(number);
    let value = 100 + i32::from(bits.small(90)) * 100 + i32::from(bits.small(100));
    let se = bits.one(&[Some(Hundredths(150)), Some(Hundredths(421)), None]);
    Record::PublishedObservation(PublishedObservation {
        year: year(printed.year),
        country: Code::Borrowed(printed.country),
        is_aggregate: false,
        series: Code::Owned(format!(
            "{}_{}_{}_{}_{}",
            named.series, named.level, named.sex, named.locality, named.grade
        )),
        concept: Code::Owned(named.concept.to_owned()),
        level: Code::Owned(named.level.to_owned()),
        orientation: Code::Borrowed(TOTAL),
        sex: Code::Owned(named.sex.to_owned()),
        ownership: Code::Borrowed(TOTAL),
        locality: Code::Owned(named.locality.to_owned()),
        grade: named.grade,
        age: -1,
        age_to: -1,
        subject: named.subject.map(Code::Borrowed),
        value: Hundredths(value),
        se,
        n: None,
        unit: Code::Borrowed(named.unit),
        publisher: Code::Borrowed(printed.publisher),
        edition: Code::Borrowed(printed.edition),
        published_on: Some(day(2024, printed.month, 1)),
        flag: Some(Code::Borrowed("ok")),
        note: None,
    })
}

fn observations(number: u64, records: &mut Vec<Record>) {
    let mut purpose = 0;
    let mut add = |printed: &Printed, named: &Named<'_>| {
        purpose += 1;
        let number = mixed(number, purpose);
        // One in five is missing.
        if !Bits(number).rarely(5) {
            records.push(observation(printed, named, number.rotate_left(20)));
        }
    };
    for year in YEARS {
        for country in COUNTRIES {
            for (publisher, edition, month) in [
                ("uis", "2023", 2),
                ("uis", "2024", 9),
                ("uis_sdg4", "sdg", 10),
                ("wb_edstats", "edstats", 11),
            ] {
                rates(&Printed { year, country, publisher, edition, month }, &mut add);
            }
            for (publisher, edition, month) in
                [("wb_learning", "score-bins", 3), ("wb_edstats", "edstats", 11), ("wb_learning", "bins", 12)]
            {
                results(&Printed { year, country, publisher, edition, month }, &mut add);
            }
            let talis = Printed { year, country, publisher: "talis", edition: "talis-2018", month: 4 };
            for concept in ["talis_share:female", "talis_share:age_50_over"] {
                let series = concept.trim_start_matches("talis_share:");
                add(&talis, &plain(concept, series, "basic_secondary", TOTAL));
            }
        }
    }
}

fn plain<'a>(concept: &'a str, series: &'a str, level: &'a str, sex: &'a str) -> Named<'a> {
    Named { concept, series, level, sex, locality: TOTAL, grade: -1, subject: None, unit: "percent" }
}

/// Counts and rates of one edition.
fn rates(printed: &Printed, add: &mut impl FnMut(&Printed, &Named<'_>)) {
    for level in LEVELS {
        if printed.publisher != "uis_sdg4" {
            for concept in ["enrolment", "teachers"] {
                for sex in [TOTAL, "female"] {
                    add(printed, &Named { unit: "persons", ..plain(concept, concept, level, sex) });
                }
            }
        }
        for code in ["CON-07", "TCH-10", "FIN-03P", "TCH-09-SDG"] {
            add(printed, &plain(&format!("published:{code}"), code, level, TOTAL));
        }
        for sex in [TOTAL, "female"] {
            add(printed, &plain("published:ACC-NER", "ACC-NER", level, sex));
            for locality in [TOTAL, "rural"] {
                add(printed, &Named { locality, ..plain("published:EFF-11", "EFF-11", level, sex) });
            }
        }
    }
}

fn of<'a>(
    concept: &'a str,
    series: &'a str,
    level: &'a str,
    sex: &'a str,
    subject: &'static str,
) -> Named<'a> {
    Named { subject: Some(subject), unit: "points", ..plain(concept, series, level, sex) }
}

/// Means and shares of levels of one edition.
fn results(printed: &Printed, add: &mut impl FnMut(&Printed, &Named<'_>)) {
    for sex in [TOTAL, "female"] {
        add(printed, &of("score_mean", "pisa_mean", TOTAL, sex, "mathematics"));
        for (grade, level) in [(4, "primary"), (8, "basic_secondary"), (5, "primary")] {
            let named = of("score_mean", "timss_mean", level, sex, "mathematics");
            if sex == TOTAL || grade != 5 {
                add(printed, &Named { grade, ..named });
            }
        }
    }
    for level in ["2", "3", "4", "5", "6"] {
        let (concept, series) = (format!("share_level_{level}"), format!("pisa_level_{level}"));
        add(printed, &of(&concept, &series, TOTAL, TOTAL, "mathematics"));
        let series = format!("pisa_reading_{level}");
        add(printed, &of(&concept, &series, TOTAL, TOTAL, "reading"));
    }
    for benchmark in ["bl", "adv"] {
        let (concept, series) = (format!("share_benchmark_{benchmark}"), format!("pirls_{benchmark}"));
        add(printed, &Named { grade: 4, ..of(&concept, &series, "primary", TOTAL, "reading") });
    }
}

/// Some pupils of three schools, two plausible values and four replicate weights each.
fn pupils(
    study: (&'static str, &str, &'static str),
    country: &'static str,
    number: u64,
    records: &mut Vec<Record>,
) {
    let (study, _, subject) = study;
    let reporting = year(TESTED_YEAR);
    // A country may have no pupils.
    let count = Bits(number).below(9);
    for index in 0..count {
        let mut bits = Bits(mixed(number, index));
        let school_id = format!("s{}", bits.below(3));
        let pupil_id = format!("p{index}");
        let is_known = !bits.rarely(6);
        let escs = i32::from(bits.small(7)) * 5_000 - 12_500;
        if is_known {
            records.push(Record::StudyPupil(StudyPupil {
                year: reporting,
                study: Code::Borrowed(study),
                country: Code::Borrowed(country),
                area_code: None,
                area_name: None,
                school_id: school_id.clone(),
                school_name: None,
                pupil_id: pupil_id.clone(),
                sex: bits.one(Sex::ALL),
                birth_year: 2006,
                ownership: bits.one(&[None, Some(Ownership::State)]),
                locality: bits.one(Locality::ALL),
                shift: None,
                score_mathematics: None,
                score_language: None,
                score_science: None,
                score_social: None,
                score_philosophy: None,
                score_english: None,
                score_total: None,
                weight: None,
                rank: None,
                escs: (!bits.rarely(6)).then_some(TenThousandths(escs)),
            }));
        }
        for pv in 1..=2 {
            let mut bits = Bits(mixed(number, 100 + index * 2 + u64::from(pv)));
            // Around the borders of the levels: 407, 420.07, 606.99 and 625.
            let border = bits.one(&[4_200_700, 4_070_000, 6_069_900, 6_250_000, 4_000_000, 5_000_000]);
            let value = border + bits.one(&[0, -1, 1, 123_456, -76_543]);
            records.push(Record::StudyValue(StudyValue {
                year: reporting,
                study: Code::Borrowed(study),
                country: Code::Borrowed(country),
                school_id: school_id.clone(),
                pupil_id: pupil_id.clone(),
                subject: Code::Borrowed(subject),
                pv,
                value: TenThousandths(value),
            }));
        }
        let mut bits = Bits(mixed(number, 200 + index));
        // Without a final weight a pupil stands for nobody.
        let first = u16::from(bits.rarely(8));
        for replicate in first..=4 {
            records.push(Record::StudyWeight(StudyWeight {
                year: reporting,
                study: Code::Borrowed(study),
                country: Code::Borrowed(country),
                school_id: school_id.clone(),
                pupil_id: pupil_id.clone(),
                replicate,
                weight: Millionths(bits.one(&[1_000_000, 1_500_000, 2_250_000, 500_000])),
            }));
        }
    }
}

/// A value and its standard error.
type Estimate = (f64, Option<f64>);

/// Compare all cells of a code; the answer is one line of text a difference.
pub async fn compare(ctx: &SessionContext, code: &str, records: &[Record]) -> Vec<String> {
    let mut expected = expected(code, records);
    let condition = format!("indicator = '{code}' and tier = 'international'");
    let mut differences = Vec::new();
    for (key, answer) in answers(ctx, &condition).await {
        let found = answer.value.map(|value| (value, answer.se));
        let wanted = expected.remove(&key);
        let is_equal = match (found, wanted) {
            (Some((value, se)), Some((wanted, error))) => {
                is_near_by(Some(value), Some(wanted), TOLERANCE) && is_near_by(se, error, ERROR_TOLERANCE)
            }
            (found, wanted) => found.is_none() && wanted.is_none(),
        };
        if !is_equal {
            differences.push(format!("{code} {key:?}: SQL {answer:?}, oracle {wanted:?}"));
        }
    }
    for (key, value) in expected {
        differences.push(format!("{code} {key:?}: no row, oracle {value:?}"));
    }
    differences
}

/// What the oracle says of every cell that can exist.
fn expected(code: &str, records: &[Record]) -> BTreeMap<Key, Estimate> {
    let mut observations = Vec::new();
    let mut study = StudyRecords::default();
    for record in records {
        match record {
            Record::PublishedObservation(row) => observations.push(row.clone()),
            Record::StudyPupil(row) => study.pupils.push(row.clone()),
            Record::StudyValue(row) => study.values.push(row.clone()),
            Record::StudyWeight(row) => study.weights.push(row.clone()),
            _ => {}
        }
    }
    let mut cells = BTreeMap::new();
    // Numbers computed from pupils first: what is published of the same cell replaces them in ILS-01, and is
    // replaced by them elsewhere, as the card orders its sources.
    let tested = Tested::ALL.iter().find(|indicator| indicator.code() == code);
    if let Some(indicator) = tested {
        for (cell, asked) in tested_cells(*indicator) {
            if let Some(found) = tested_value(*indicator, &asked, &study) {
                cells.insert(key_of(&cell), (found.value, found.error));
            }
        }
    }
    if let Some(indicator) = Published::ALL.iter().find(|indicator| indicator.code() == code) {
        for cell in published_cells() {
            let key = key_of(&cell);
            if *indicator != Published::Ils01 && cells.contains_key(&key) {
                continue;
            }
            if let Some(found) = published_value(*indicator, &cell, &observations) {
                cells.insert(key, (found.value, found.error));
            }
        }
    }
    cells
}

/// Cells of pupils tested, as the catalogue names them and as the oracle is asked.
fn tested_cells(indicator: Tested) -> Vec<(CountryCell, StudyCell)> {
    let groups: &[Group] = match indicator {
        Tested::Ils02 => &[Group::Everybody, Group::Sex(Sex::Female), Group::Sex(Sex::Male)],
        Tested::Ils06 => &[Group::Sex(Sex::Female), Group::Locality(Locality::Rural)],
        _ => &[Group::Everybody],
    };
    let mut cells = Vec::new();
    for (study, level, subject) in STUDIES {
        for country in COUNTRIES {
            for group in groups {
                let (sex, locality) = match group {
                    Group::Everybody => (TOTAL, TOTAL),
                    Group::Sex(sex) => (sex.code(), TOTAL),
                    Group::Locality(locality) => (TOTAL, locality.code()),
                };
                let cell = CountryCell {
                    year: TESTED_YEAR,
                    country: country.to_owned(),
                    level: level.to_owned(),
                    sex: sex.to_owned(),
                    locality: locality.to_owned(),
                    grade: TOTAL.to_owned(),
                    subject: subject.to_owned(),
                    category: study.to_owned(),
                };
                cells.push((cell, StudyCell { year: TESTED_YEAR, study, country, subject, group: *group }));
            }
        }
    }
    cells
}

/// Cells in which something may be published.
fn published_cells() -> Vec<CountryCell> {
    let mut cells = Vec::new();
    for year in YEARS {
        for country in COUNTRIES {
            for level in LEVELS {
                for sex in [TOTAL, "female"] {
                    for (locality, grade, subject, category) in [
                        (TOTAL, TOTAL, TOTAL, TOTAL),
                        ("rural", TOTAL, TOTAL, TOTAL),
                        (TOTAL, TOTAL, "mathematics", "pisa"),
                        (TOTAL, TOTAL, "reading", "pisa"),
                        (TOTAL, TOTAL, "mathematics", "timss"),
                        (TOTAL, "5", "mathematics", "timss"),
                        (TOTAL, TOTAL, "reading", "pirls"),
                        (TOTAL, TOTAL, TOTAL, "female"),
                        (TOTAL, TOTAL, TOTAL, "age_50_over"),
                    ] {
                        cells.push(CountryCell {
                            year,
                            country: country.to_owned(),
                            level: level.to_owned(),
                            sex: sex.to_owned(),
                            locality: locality.to_owned(),
                            grade: grade.to_owned(),
                            subject: subject.to_owned(),
                            category: category.to_owned(),
                        });
                    }
                }
            }
        }
    }
    cells
}

fn key_of(cell: &CountryCell) -> Key {
    let members: [&str; 9] =
        [&cell.sex, &cell.locality, TOTAL, TOTAL, TOTAL, &cell.grade, TOTAL, &cell.subject, &cell.category];
    (
        cell.year,
        "international".to_owned(),
        cell.country.clone(),
        cell.level.clone(),
        breakdown_of(cell),
        members.map(str::to_owned).to_vec(),
    )
}
