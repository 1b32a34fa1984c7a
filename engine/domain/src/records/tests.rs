#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use super::*;
use crate::dimension::{Language, Locality, Sex};
use crate::ids::Bin;
use crate::level::{Composite, Level, LevelCode};
use crate::modality::StudyForm;
use crate::pseudonym::Pseudonym;
use proptest::prelude::*;

fn year(value: i32) -> Year {
    Year::try_from(value).unwrap()
}

fn line(record: &Record) -> String {
    let mut out = Vec::new();
    record.write_csv(&mut out);
    String::from_utf8(out).unwrap()
}

pub(super) fn pupil() -> Pupil {
    Pupil {
        year: year(2024),
        district: "111000000".parse().unwrap(),
        org_bin: Bin::from_stem("39014000001").unwrap(),
        pid: Pseudonym::from_bits(0xab),
        birth: "2015-03".parse().unwrap(),
        sex: Sex::Female,
        level: Level::Primary,
        grade: 3,
        class_letter: Some(Code::Borrowed("A")),
        language: Language::Kk,
        shift: Some(1),
        study_form: StudyForm::Full,
        funding: Funding::StateOrder,
        has_sen: false,
        citizenship: None,
        home_language: Some(Language::Kk),
        residence: None,
        enrol_from: "2022-09-01".parse().unwrap(),
        enrol_to: None,
        exit_reason: None,
        prev_grade_result: Some(PrevGradeResult::Promoted),
        is_dual: None,
        employer_bin: None,
        speciality: None,
        nominal_years: None,
        dormitory: None,
        destination: None,
    }
}

#[test]
fn a_pupil_is_one_line_in_form_order() {
    let record = Record::Pupil(pupil());
    let bin = pupil().org_bin;
    assert_eq!(
        Form::Pupil.header(),
        "year,district,org_bin,pid,birth,sex,level,grade,class_letter,language,shift,\
         study_form,funding,has_sen,citizenship,home_language,residence,enrol_from,enrol_to,\
         exit_reason,prev_grade_result,is_dual,employer_bin,speciality,nominal_years,dormitory,destination"
    );
    assert_eq!(
        line(&record),
        format!(
            "2024,111000000,{bin},00000000000000ab,2015-03,female,primary,3,A,kk,1,full,\
             state_order,false,,kk,,2022-09-01,,,promoted,,,,,,\n"
        )
    );
    assert_eq!(record.form(), Form::Pupil);
    assert_eq!(record.year(), year(2024));
    assert_eq!(record.region().get(), 11);
}

#[test]
fn totals_have_their_own_spelling() {
    let record = Record::Population(PopulationRow {
        year: year(2025),
        kato: RepublicOr(None),
        age: 6,
        age_to: 6,
        sex: TotalOr(None),
        locality: TotalOr(Some(Locality::Rural)),
        population: 12,
        publisher: Code::Borrowed("bilim"),
        edition: Code::Borrowed("a, \"b\""),
        published_on: None,
        status: PopulationStatus::Final,
    });
    assert_eq!(line(&record), "2025,0,6,6,_T,rural,12,bilim,\"a, \"\"b\"\"\",,final\n");
    assert_eq!(record.region(), RegionCode::NOT_TERRITORIAL);
}

#[test]
fn a_learner_is_active_from_the_first_day_to_before_the_last() {
    let active = |from: &str, to: Option<&str>| {
        Pupil { enrol_from: from.parse().unwrap(), enrol_to: to.map(|to| to.parse().unwrap()), ..pupil() }
            .is_active()
    };
    assert!(active("2024-10-01", None));
    assert!(!active("2024-10-02", None));
    assert!(active("2024-09-01", Some("2024-10-02")));
    assert!(!active("2024-09-01", Some("2024-10-01")));
}

#[test]
fn results_belong_to_the_year_that_ended() {
    // Which results are is said by the forms themselves.
    let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/forms");
    for form in Form::ALL {
        let name = form.code().to_lowercase().replace('.', "_");
        let text = std::fs::read_to_string(forms.join(format!("{name}.toml"))).unwrap();
        let ended = text.lines().any(|line| line == "academic_year = \"ended\"");
        assert_eq!(form.academic_year_rule() == AcademicYearRule::Ends, ended, "{form}");
        assert_eq!(form.columns()[0], "year");
    }
}

#[test]
fn whole_organisations_are_shown_at_their_main_level() {
    let school = LevelCode::Composite(Composite::School);
    let all = LevelCode::Composite(Composite::All);
    assert!(OrgType::Evening.group().is_in(school));
    assert!(OrgType::Evening.group().is_in(all));
    assert!(!OrgType::Primary.group().is_in(LevelCode::Single(Level::Primary)));
    assert_eq!(OrgType::MiniCentre.group(), OrgGroup::PreSchool);
    assert!(OrgType::HigherCollege.group().is_in(LevelCode::Single(Level::Tve)));
}

#[test]
fn a_field_of_a_line_can_be_replaced() {
    let text = "2024,\"a,b\",3\n";
    assert_eq!(replace_field(text, 2, "1.7"), "2024,\"a,b\",1.7\n");
    assert_eq!(replace_field(text, 1, "x"), "2024,x,3\n");
    assert_eq!(replace_field(text, 0, "a,b"), "\"a,b\",\"a,b\",3\n");
    assert_eq!(replace_field(text, 3, "x"), text);
    assert_eq!(replace_field("1,2", 1, "x"), "1,x");
}

proptest! {
    #[test]
    fn a_line_has_as_many_fields_as_columns(letter in "[a-z,\"\n]{0,8}", sen in any::<bool>()) {
        let record = Record::Pupil(Pupil {
            class_letter: Some(letter.into()),
            has_sen: sen,
            ..pupil()
        });
        let text = line(&record);
        let last = Form::Pupil.columns().len() - 1;
        prop_assert_ne!(replace_field(&text, last, "x"), text.clone());
        prop_assert_eq!(replace_field(&text, last + 1, "x"), text);
    }

    #[test]
    fn numbers_are_written_as_usual(value in any::<i64>(), tenths in 0_i32..100_000) {
        let mut out = Vec::new();
        value.write(&mut out);
        out.push(b' ');
        Tenths(tenths).write(&mut out);
        out.push(b' ');
        Hundredths(-tenths - 1).write(&mut out);
        let hundredths = tenths + 1;
        let expected = format!(
            "{value} {}.{} -{}.{:02}",
            tenths / 10, tenths % 10, hundredths / 100, hundredths % 100
        );
        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn codes_and_keys_are_padded(number in 100_000_000_i32..999_999_999) {
        let mut out = Vec::new();
        Kato::try_from(number).unwrap().write(&mut out);
        Bin::from_stem("00014000001").unwrap().write(&mut out);
        let text = String::from_utf8(out).unwrap();
        prop_assert!(text.starts_with(&number.to_string()));
        prop_assert_eq!(text.len(), 21);
    }
}
