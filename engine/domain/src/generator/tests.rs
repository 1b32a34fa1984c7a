#![allow(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::*;
use crate::level::Level;
use crate::oracle::{self, Breakdown, Cell, Indicator, Parameters, Records, UnitSet, UntThresholds};
use crate::records::{ExitReason, GradeStatus, Mark, Period, PrevGradeResult, Pupil};
use crate::rounding::Decimal;
use proptest::prelude::*;

fn year(value: i32) -> Year {
    Year::try_from(value).unwrap()
}

/// Two regions of which one is divided in 2022, and a city.
fn places() -> Vec<Place> {
    let reform = "2022-06-08";
    let place = |kato: i32, weight, until: bool, since: bool, successors: &[i32]| Place {
        kato: Kato::try_from(kato).unwrap(),
        name: format!("District {kato}"),
        region_name: format!("Region {}", kato / 10_000_000),
        is_urban: kato / 100_000 % 100 < 30,
        weight,
        valid_from: since.then(|| reform.parse().unwrap()),
        valid_to: until.then(|| reform.parse().unwrap()),
        successors: successors.iter().map(|code| Kato::try_from(*code).unwrap()).collect(),
    };
    vec![
        place(191_000_000, 30, true, false, &[331_000_000]),
        place(193_200_000, 20, true, false, &[333_200_000]),
        place(191_600_000, 15, true, false, &[191_000_000]),
        place(195_200_000, 40, false, false, &[]),
        place(331_000_000, 30, false, true, &[]),
        place(333_200_000, 20, false, true, &[]),
        place(191_000_000, 15, false, true, &[]),
        place(111_000_000, 25, false, false, &[]),
        place(113_200_000, 20, false, false, &[]),
        place(751_000_000, 90, false, false, &[]),
    ]
}

fn country(seed: u64) -> Country {
    Country::new(&Options::new(seed, 0.002), &places()).unwrap()
}

fn all(country: &Country, form: Form) -> Vec<Record> {
    let mut rows = Vec::new();
    for year in country.years(form) {
        for region in country.regions(year, form) {
            rows.extend(country.records(year, region, form));
        }
    }
    rows
}

fn pupils(country: &Country) -> Vec<Pupil> {
    all(country, Form::Pupil)
        .into_iter()
        .filter_map(|record| match record {
            Record::Pupil(pupil) => Some(pupil),
            _ => None,
        })
        .collect()
}

fn everything(country: &Country) -> Records {
    Form::ALL.iter().flat_map(|form| all(country, *form)).collect()
}

#[test]
fn a_country_needs_a_scale_and_ordered_years() {
    for scale in [0.0, -1.0, 2.1, f64::NAN] {
        assert!(matches!(Country::new(&Options::new(1, scale), &places()), Err(DomainError::Scale { .. })));
    }
    let backwards = Options { last_year: year(2018), ..Options::new(1, 0.01) };
    assert!(matches!(Country::new(&backwards, &places()), Err(DomainError::UnorderedYears { .. })));
    assert!(Country::new(&Options::new(1, 0.01), &[]).is_err());
}

#[test]
fn same_seed_same_bytes() {
    let bytes = |country: &Country, form| {
        let mut out = Vec::new();
        for region in country.regions(year(2022), form) {
            for record in country.records(year(2022), region, form) {
                record.write_csv(&mut out);
            }
        }
        out
    };
    for form in [Form::Organisation, Form::Pupil, Form::Staff, Form::Unt] {
        let first = bytes(&country(1), form);
        assert_eq!(first, bytes(&country(1), form), "{form}");
        assert_ne!(first, bytes(&country(2), form), "{form}");
    }
}

#[test]
fn years_can_be_asked_for_alone() {
    let country = country(3);
    let region = RegionCode::try_from(75).unwrap();
    let one = country.organisations(year(2023), region).next().unwrap();
    let alone = country.submission(one.org, year(2023), Form::Pupil);
    let among: Vec<Record> = country.records(year(2023), region, Form::Pupil).take(alone.len()).collect();
    assert_eq!(alone, among);
}

#[test]
fn every_partition_holds_its_own_rows() {
    let country = country(4);
    for form in Form::ALL {
        for year in country.years(*form) {
            for region in country.regions(year, *form) {
                for record in country.records(year, region, *form) {
                    assert_eq!(record.form(), *form);
                    assert_eq!(record.region(), region);
                    assert_eq!(record.year(), year);
                }
            }
        }
    }
}

#[test]
fn regions_change_with_the_reform() {
    let country = country(5);
    let codes = |value| -> Vec<u8> {
        let regions = country.regions(year(value), Form::Pupil);
        regions.into_iter().map(RegionCode::get).collect()
    };
    assert_eq!(codes(2021), [11, 19, 75]);
    assert_eq!(codes(2022), [11, 19, 33, 75]);
    // Population of January 2022 lies in the regions of October 2021.
    let january: Vec<RegionCode> = country.regions(year(2022), Form::Population);
    assert_eq!(january.len(), 3);
    // An organisation keeps its BIN when its district gets another code.
    let district = |value| {
        let everywhere = country.regions(year(value), Form::Pupil);
        let subjects = everywhere.into_iter().flat_map(|r| country.organisations(year(value), r));
        subjects.map(|subject| (subject.bin, subject.district.get())).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (district(2021), district(2022));
    let moved = before.iter().filter(|(bin, code)| after.get(bin).is_some_and(|now| now != *code));
    assert!(moved.count() > 0);
    assert!(
        before
            .iter()
            .filter(|(_, code)| **code == 191_000_000)
            .all(|(bin, _)| { after.get(bin).is_none_or(|now| *now == 331_000_000) })
    );
}

#[test]
fn rows_obey_the_rules_of_their_forms() {
    let mut keys = BTreeSet::new();
    for row in pupils(&country(6)) {
        assert!(row.level.admits_grade(row.grade) || row.grade == 0, "{row:?}");
        assert_eq!(row.level == Level::PreSchool, row.grade == 0);
        assert_eq!(row.enrol_to.is_some(), row.exit_reason.is_some());
        assert!(row.enrol_to.is_none_or(|to| to > row.enrol_from), "{row:?}");
        let last = row.year.previous().unwrap().fixing_date();
        match row.enrol_to {
            None => assert!(row.is_active(), "{row:?}"),
            Some(to) => assert!(last < to && to <= row.year.fixing_date(), "{row:?}"),
        }
        if row.is_dual == Some(true) {
            assert!(row.employer_bin.is_some() && row.level == Level::Tve);
        }
        assert!((1..=30).contains(&row.age()), "{row:?}");
        assert!(keys.insert((row.year, row.pid, row.org_bin, row.enrol_from)), "{row:?}");
    }
}

#[test]
fn a_learner_has_one_active_enrolment() {
    let mut seen = BTreeSet::new();
    for row in pupils(&country(7)).iter().filter(|row| row.is_active()) {
        assert!(seen.insert((row.year, row.pid)), "{row:?}");
    }
}

#[test]
fn learners_are_promoted_repeat_or_leave() {
    let mut last: HashMap<_, Pupil> = HashMap::new();
    let mut rows = pupils(&country(8));
    rows.retain(Pupil::is_active);
    rows.sort_by_key(|row| row.year);
    let (mut promoted, mut repeated, mut moved) = (0, 0, 0);
    for row in rows {
        if let Some(before) = last.get(&row.pid) {
            assert_eq!((before.birth, before.sex), (row.birth, row.sex));
            assert_eq!(before.year.next(), Some(row.year), "a gap: {before:?} {row:?}");
            let is_school = |pupil: &Pupil| (1..=11).contains(&pupil.grade) && pupil.level < Level::Tve;
            if is_school(before) && is_school(&row) {
                let is_repeater = row.prev_grade_result == Some(PrevGradeResult::Repeated);
                assert_eq!(row.grade, before.grade + u8::from(!is_repeater), "{before:?} {row:?}");
                repeated += u32::from(is_repeater);
                promoted += u32::from(!is_repeater);
                moved += u32::from(before.org_bin != row.org_bin);
            }
        }
        last.insert(row.pid, row);
    }
    let share = repeated * 1000 / (repeated + promoted);
    assert!((4..20).contains(&share), "{share} permille repeat");
    assert!(moved > 0);
}

#[test]
fn who_leaves_one_school_for_another_arrives_there() {
    let rows = pupils(&country(9));
    let arrivals: BTreeSet<_> = rows.iter().map(|row| (row.year, row.pid, row.is_active())).collect();
    let transfers = rows.iter().filter(|row| row.exit_reason == Some(ExitReason::Transfer));
    let mut number = 0;
    for row in transfers {
        assert!(arrivals.contains(&(row.year, row.pid, true)), "{row:?}");
        number += 1;
    }
    assert!(number > 20, "{number}");
}

#[test]
fn staff_age_stay_and_are_replaced() {
    let country = country(10);
    let mut seen: HashMap<_, (Year, _)> = HashMap::new();
    let mut keys = BTreeSet::new();
    let (mut stayed, mut left) = (0, 0);
    for record in all(&country, Form::Staff) {
        let Record::Staff(row) = record else { continue };
        assert!((20..=66).contains(&row.age()), "{row:?}");
        assert!(row.category_to > row.category_from || row.category_from.is_none());
        assert!(keys.insert((row.year, row.tid, row.org_bin, row.position)), "{row:?}");
        if let Some((_, birth)) = seen.insert(row.tid, (row.year, row.birth)) {
            assert_eq!(birth, row.birth);
            stayed += 1;
        }
        left += u32::from(row.left_reason.is_some());
    }
    assert!(stayed > 4 * left && left > 100, "{stayed} stayed, {left} left");
}

#[test]
fn classes_add_up_to_the_pupils() {
    let country = country(11);
    let mut classes: BTreeMap<_, i32> = BTreeMap::new();
    for record in all(&country, Form::Class) {
        let Record::Class(row) = record else { continue };
        assert!((1..=100).contains(&row.pupil_count), "{row:?}");
        *classes.entry((row.year, row.org_bin)).or_default() += row.pupil_count;
    }
    let mut learners: BTreeMap<_, i32> = BTreeMap::new();
    for row in pupils(&country) {
        if row.is_active()
            && matches!(row.level, Level::Primary | Level::BasicSecondary | Level::GeneralSecondary)
        {
            *learners.entry((row.year, row.org_bin)).or_default() += 1;
        }
    }
    assert_eq!(classes, learners);
}

#[test]
fn results_obey_the_rules_of_their_forms() {
    let records = everything(&country(12));
    for row in &records.marks {
        assert!((5..=11).contains(&row.grade));
        assert_eq!(row.mark.is_some(), row.status == GradeStatus::Attested);
    }
    for row in &records.exams {
        assert_eq!(row.is_admitted, row.mark.is_some());
        assert!(row.score_raw <= row.score_max);
    }
    let mut totals: BTreeMap<_, (i32, i32)> = BTreeMap::new();
    for row in &records.unt {
        assert!((0..=row.score_max).contains(&row.score));
        let sitting = totals.entry((row.year, row.pid, row.attempt)).or_insert((0, row.total));
        sitting.0 += row.score;
        assert!(row.attempt == 1 || row.year >= year(2022));
    }
    assert!(totals.values().all(|(sum, total)| sum == total));
    for row in &records.infrastructure {
        assert!(row.computers_recent <= row.computers_teaching);
        assert!(row.has_internet || row.measured_mbps.is_none());
    }
    for row in &records.authorities {
        assert_eq!(row.kato.0.is_none(), row.name_en.is_some());
    }
}

fn value(indicator: Indicator, units: UnitSet, level: &str, records: &Records) -> f64 {
    let cell = Cell { year: year(2024), units, level: level.parse().unwrap(), by: Breakdown::default() };
    let parameters = Parameters {
        thresholds: UntThresholds {
            total: 50,
            subjects: [("history_kz", 5), ("math_literacy", 3), ("reading_literacy", 3)]
                .map(|(subject, least)| (subject.to_owned(), least))
                .into(),
            profile: 5,
        },
        ..Parameters::default()
    };
    let fraction = oracle::evaluate(indicator, &cell, records, &parameters).unwrap();
    let rounded = fraction.value(indicator, 2).unwrap();
    rounded.map_or(f64::NAN, Decimal::to_f64)
}

/// The country is worth ranking: indicators are plausible and regions differ.
#[test]
fn indicators_are_plausible() {
    // The flows of 2024 need the year before, and no other.
    let options = Options { first_year: year(2023), ..Options::new(13, 0.012) };
    let mut later = places();
    later.retain(|place| place.valid_to.is_none());
    let records = everything(&Country::new(&options, &later).unwrap());
    let expected = [
        (Indicator::Acc01, "pre_school", 55.0, 105.0),
        (Indicator::Acc01, "primary", 85.0, 105.0),
        (Indicator::Acc01, "basic_secondary", 80.0, 105.0),
        (Indicator::Acc01, "general_secondary", 40.0, 80.0),
        (Indicator::Acc01, "tve", 15.0, 60.0),
        (Indicator::Acc02, "primary", 80.0, 100.0),
        (Indicator::Acc06, "pre_school", 20.0, 60.0),
        (Indicator::Acc09, "primary", 88.0, 105.0),
        (Indicator::Con03, "school", 1.0, 20.0),
        (Indicator::Con04, "school", 12.0, 30.0),
        (Indicator::Con05, "school", 2.0, 10.0),
        (Indicator::Con06, "school", -3.0, 3.0),
        (Indicator::Net02, "school", 10.0, 55.0),
        (Indicator::Net03, "school", 0.5, 12.0),
        (Indicator::Net04, "school", 15.0, 45.0),
        (Indicator::Net05, "school", 0.0, 10.0),
        (Indicator::Net07, "school", 70.0, 190.0),
        (Indicator::Net08, "all", 0.0, 4.0),
        (Indicator::Tch01, "school", 8.0, 17.0),
        (Indicator::Tch03, "school", 85.0, 100.0),
        (Indicator::Tch05, "school", 5.0, 50.0),
        (Indicator::Tch06, "school", 12.0, 45.0),
        (Indicator::Inf02, "school", 8.0, 45.0),
        (Indicator::Inf03, "school", 10.0, 95.0),
        (Indicator::Grd01, "school", 93.0, 100.0),
        (Indicator::Grd02, "school", 25.0, 70.0),
        (Indicator::Sfc01, "general_secondary", 90.0, 100.0),
        (Indicator::Sfc02, "general_secondary", 35.0, 80.0),
        (Indicator::Unt03, "general_secondary", 55.0, 80.0),
        (Indicator::Unt04, "general_secondary", 55.0, 97.0),
        (Indicator::Unt06, "general_secondary", 1.0, 25.0),
        (Indicator::Eff02, "school", 0.3, 2.0),
        (Indicator::Eff06, "primary", 92.0, 104.0),
        (Indicator::Eff06, "basic_secondary", 45.0, 75.0),
        (Indicator::Eff10, "primary", 0.95, 1.03),
    ];
    for (indicator, level, low, high) in expected {
        let found = value(indicator, UnitSet::Republic, level, &records);
        assert!((low..=high).contains(&found), "{indicator} {level}: {found}");
    }
    let means: BTreeSet<i64> = [11, 19, 33, 75]
        .into_iter()
        .map(|code| UnitSet::Region(RegionCode::try_from(code).unwrap()))
        .map(|region| value(Indicator::Unt03, region, "general_secondary", &records))
        .map(|mean| Decimal::round(mean, 0).unwrap())
        .map(|mean| i64::try_from(mean.units()).unwrap())
        .collect();
    assert!(means.len() > 1, "{means:?}");
}

#[test]
fn defects_are_drawn_and_applied() {
    let country = Country::new(&Options::new(14, 0.05), &places()).unwrap();
    let events: Vec<DefectEvent> = country.defects(year(2024)).collect();
    let kinds: BTreeSet<_> = events
        .iter()
        .map(|event| format!("{:?}", event.defect).split([' ', '{']).next().unwrap().to_owned())
        .collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    assert_eq!(events, country.defects(year(2024)).collect::<Vec<_>>());
    for event in &events {
        let rows = country.submission(event.org, event.year, event.form);
        let mut spoilt = rows.clone();
        event.apply(&country, &mut spoilt);
        match event.defect {
            Defect::PaddedPupils { .. } => assert!(spoilt.len() > rows.len(), "{event:?}"),
            Defect::DoubleWithCorrection { .. } if !rows.is_empty() => assert_ne!(spoilt, rows),
            Defect::CorrectionAfterFixing { .. } => assert_eq!(spoilt.len(), rows.len()),
            Defect::RowError { fault, .. } => {
                assert_eq!(spoilt, rows);
                assert!(fault.cell(event.form).is_some(), "{event:?}");
            }
            _ => assert_eq!(spoilt, rows),
        }
    }
}

#[test]
fn quarters_stand_beside_the_same_final_marks() {
    let marks = |has_quarters: bool| -> Vec<Mark> {
        let options = Options { has_quarters, ..Options::new(16, 0.000_5) };
        let country = Country::new(&options, &places()).unwrap();
        let regions = country.regions(year(2024), Form::Mark);
        let rows = regions.into_iter().flat_map(|region| country.records(year(2024), region, Form::Mark));
        rows.filter_map(|row| if let Record::Mark(mark) = row { Some(mark) } else { None }).collect()
    };
    let (mut every, without) = (marks(true), marks(false));
    let key = |mark: &Mark| (mark.pid.to_i64(), mark.org_bin, mark.period.code(), mark.subject.clone());
    let keys: BTreeSet<_> = every.iter().map(key).collect();
    assert_eq!(keys.len(), every.len());
    let finals = without.iter().filter(|mark| mark.period == Period::Final).count();
    let before = every.len();
    every.retain(|mark| !mark.period.code().starts_with('q'));
    assert_eq!(before - every.len(), 4 * finals);
    assert_eq!(every, without);
}

#[test]
fn a_row_fault_spoils_one_cell() {
    let country = country(15);
    let region = RegionCode::try_from(75).unwrap();
    let row = country.records(year(2024), region, Form::Pupil).next().unwrap();
    let mut line = Vec::new();
    row.write_csv(&mut line);
    let line = String::from_utf8(line).unwrap();
    let spoilt = RowFault::FractionForInteger.spoil(Form::Pupil, &line);
    assert!(spoilt.contains(",1.7,"));
    let fields = |line: &str| line.split(',').count();
    assert_eq!(fields(&spoilt), fields(&line));
    assert_eq!(RowFault::MarkOutOfRange.spoil(Form::Pupil, &line), line);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_seed_makes_every_form(seed in any::<u64>()) {
        let country = Country::new(&Options::new(seed, 0.000_5), &places()).unwrap();
        for form in Form::ALL {
            let some: usize = country
                .years(*form)
                .flat_map(|year| country.regions(year, *form).into_iter().map(move |r| (year, r)))
                .map(|(year, region)| country.records(year, region, *form).take(1).count())
                .sum();
            prop_assert!(some > 0, "{}", form);
        }
    }
}
