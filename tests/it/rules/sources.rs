//! The twelve sources of paragraph 7: forms, rules, rows and indicators of each.

use std::collections::BTreeSet;
use std::path::Path;

use bilim::definitions::Definitions;

use super::{broken, column, fixture, read, rows};
use crate::support;
use crate::support_cli::Site;

/// One source of paragraph 7 or a part of one: its form, a row that it refuses, an indicator that answers from it.
struct Source {
    form: &'static str,
    rule: &'static str,
    bad: &'static [(&'static str, &'static str)],
    indicator: &'static str,
}

/// Every bullet of paragraph 7: it is registered; its forms name it; a good row is taken and a bad one refused by the
/// rule meant for it; the fixture has landed; the indicator has values and names the source.
fn bullet(item: i32, sources: &'static [Source]) {
    support::block_on(async move {
        let lake = support::tiny_lake().await;
        let registered = format!("select source from ref.source where paragraph = '7' and item = {item}");
        let registered = column(&lake.ctx, &registered).await;
        assert!(!registered.is_empty(), "ref.source has no item {item}");
        let unruled = format!(
            "select f.form from ref.form f left join ref.source s on s.source = f.source where f.legal_paragraph = '7' and \
             f.legal_item = {item} and (s.item is null or s.item <> {item} or s.kind <> f.data_kind)"
        );
        assert_eq!(column(&lake.ctx, &unruled).await, [""; 0], "forms of another source or kind");
        for source in sources {
            let form = lake.definitions.form(source.form).unwrap();
            assert!(registered.contains(&form.source), "{} is of {}", form.code, form.source);
            assert_eq!(form.legal_basis.as_ref().unwrap().item, Some(item), "{}", form.code);
            assert_eq!(broken(form, &fixture(form, &[])), BTreeSet::new(), "{}: a good row", form.code);
            let found = broken(form, &fixture(form, source.bad));
            assert_eq!(found, BTreeSet::from([source.rule.to_owned()]), "{}: {:?}", form.code, source.bad);
            assert!(
                !read(form, &fixture(form, source.bad)).is_accepted(),
                "{} is a warning only",
                source.rule
            );
            let landed = format!("select count(*) > 0 from staging.{}", form.table());
            assert_eq!(column(&lake.ctx, &landed).await, ["true"], "{} has no rows", form.code);
            let answers = format!(
                "select count(value) > 0 from mart.indicator where indicator = '{}' and tier <> 'organisation'",
                source.indicator
            );
            assert_eq!(column(&lake.ctx, &answers).await, ["true"], "{} has no value", source.indicator);
            let indicator = lake.definitions.catalogue.get(source.indicator).unwrap();
            assert!(indicator.sources.contains(&form.source), "{} is not of {}", indicator.code, form.source);
        }
        let parts: BTreeSet<&str> = sources
            .iter()
            .map(|source| lake.definitions.form(source.form).unwrap().source.as_str())
            .collect();
        let with_parts = registered.len() > 1;
        let due: BTreeSet<&str> = registered
            .iter()
            .map(String::as_str)
            .filter(|source| !with_parts || source.ends_with(|last: char| last.is_ascii_lowercase()))
            .collect();
        assert_eq!(parts, due, "a part of the source is not tested");
    });
}

#[test]
fn r_18_administrative_data() {
    bullet(
        1,
        &[
            Source {
                form: "S1.ORG",
                rule: "V-ORG-05",
                bad: &[("closed", "1980-01-01")],
                indicator: "NET-01",
            },
            Source {
                form: "S1.PUPIL",
                rule: "V-PUP-10",
                bad: &[("enrol_to", "2024-03-01")],
                indicator: "CON-01",
            },
            Source {
                form: "S1.CLASS",
                rule: "V-CLS-02",
                bad: &[("grade", "2"), ("grade_to", "1")],
                indicator: "CON-04",
            },
            Source {
                form: "S1.STAFF",
                rule: "V-STF-02",
                bad: &[("category_from", "2024-01-01"), ("category_to", "2023-01-01")],
                indicator: "TCH-01",
            },
            Source {
                form: "S1.INFRA",
                rule: "V-INF-02",
                bad: &[("computers_recent", "7")],
                indicator: "INF-03",
            },
            Source { form: "S1.GRADE", rule: "V-GRD-02", bad: &[("mark", "")], indicator: "GRD-02" },
            Source {
                form: "S1.QUEUE",
                rule: "V-QUE-02",
                bad: &[("directed_on", "2024-01-01"), ("status", "waiting")],
                indicator: "ACC-07",
            },
            Source { form: "S1.EXTRA", rule: "V-EXT-01", bad: &[("provider", "")], indicator: "CON-08" },
            Source {
                form: "S1.MEAL",
                rule: "V-MEA-01",
                bad: &[("parent_pays_kzt", "100")],
                indicator: "INF-06",
            },
            Source {
                form: "S1.TVE_GRAD",
                rule: "V-TVG-02",
                bad: &[("employer_bin", "")],
                indicator: "TVE-03",
            },
        ],
    );
    // Eleven record types of organisations, and the methodological days of paragraph 6.
    let definitions = Definitions::built_in().unwrap();
    let types: Vec<&str> = definitions
        .forms
        .iter()
        .map(|form| form.code.as_str())
        .filter(|code| code.starts_with("S1."))
        .collect();
    assert_eq!(types.len(), 12, "{types:?}");
}

#[test]
fn r_19_state_statistics() {
    bullet(2, &[Source { form: "S2.AGG", rule: "F-CODE", bad: &[("series", "wages")], indicator: "ACC-01" }]);
}

#[test]
fn r_20_factor_analysis() {
    bullet(
        3,
        &[Source {
            form: "S3.FACTOR",
            rule: "V-FAC-01",
            bad: &[("factor", "value_added"), ("reference_value", "1"), ("coefficient", "1")],
            indicator: "FAC-01",
        }],
    );
}

#[test]
fn r_21_licensing_attestation_accreditation() {
    bullet(
        4,
        &[
            Source {
                form: "S4A.LICENCE",
                rule: "V-LIC-01",
                bad: &[("valid_to", "2010-01-01")],
                indicator: "QAS-01",
            },
            Source {
                form: "S4B.ATTESTATION",
                rule: "V-ATT-02",
                bad: &[("attempt_no", "2"), ("result", "repeat"), ("nonconformity_count", "1")],
                indicator: "QAS-02",
            },
            Source {
                form: "S4C.ACCREDITATION",
                rule: "V-ACR-03",
                bad: &[("is_agency_recognised", "false")],
                indicator: "QAS-03",
            },
        ],
    );
}

#[test]
fn r_22_inspections_of_authorities_and_organisations() {
    bullet(
        5,
        &[Source {
            form: "S5.INSPECTION",
            rule: "V-INS-01",
            bad: &[("due_on", "2024-01-01"), ("closed_on", "")],
            indicator: "QAS-05",
        }],
    );
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select category, cast(numerator as int) from mart.indicator where indicator = 'QAS-04' and year = 2024 and \
                   tier = 'republic' and level = 'all' and breakdown = 'category' order by category";
        let expected = [["district_dept", "1"], ["organisation", "2"], ["region_dept", "1"]];
        assert_eq!(rows(&lake.ctx, sql).await, expected);
    });
}

#[test]
fn r_23_state_final_certification() {
    bullet(
        6,
        &[Source {
            form: "S6.EXAM",
            rule: "V-SFC-03",
            bad: &[("is_admitted", "false")],
            indicator: "SFC-02",
        }],
    );
}

#[test]
fn r_24_unified_national_testing() {
    bullet(7, &[Source { form: "S7.UNT", rule: "F-CODE", bad: &[("session", "july")], indicator: "UNT-03" }]);
}

#[test]
fn r_25_complex_testing() {
    bullet(8, &[Source { form: "S8.KT", rule: "V-KT-02", bad: &[("score_max", "30")], indicator: "KT-01" }]);
}

#[test]
fn r_26_training_and_certification_of_teachers() {
    bullet(
        9,
        &[
            Source {
                form: "S9A.TRAINING",
                rule: "V-TRN-02",
                bad: &[("ended_on", "2021-09-01")],
                indicator: "TTR-01",
            },
            Source {
                form: "S9B.CERTIFICATION",
                rule: "V-CRT-02",
                bad: &[("result", "granted")],
                indicator: "TTR-03",
            },
        ],
    );
}

#[test]
fn r_27_international_studies() {
    bullet(
        10,
        &[
            Source { form: "S10.OBS", rule: "F-CODE", bad: &[("country", "XXX")], indicator: "ILS-01" },
            Source { form: "S10.PV", rule: "V-ILS-01", bad: &[("value", "2000")], indicator: "ILS-01" },
            Source { form: "S10.REPLICATE", rule: "V-ILS-02", bad: &[("weight", "0")], indicator: "ILS-01" },
        ],
    );
}

#[test]
fn r_28_monitoring_studies() {
    bullet(
        11,
        &[Source { form: "S11.MONITORING", rule: "V-MON-01", bad: &[("score", "21")], indicator: "MON-01" }],
    );
}

#[test]
fn r_29_sociological_research() {
    bullet(
        12,
        &[Source {
            form: "S12.SURVEY",
            rule: "V-SOC-03",
            bad: &[("respondent_id", "a61e6621335d122d")],
            indicator: "SOC-01",
        }],
    );
    let definitions = Definitions::built_in().unwrap();
    let form = definitions.form("S12.SURVEY").unwrap();
    assert!(form.fields.iter().all(|field| field.field_type.name() != "pseudonym"), "surveys are anonymous");
}

/// What a department keeps is submitted by the department, for its own territory; organisations have no part in it.
#[test]
fn authorities_submit_what_lies_in_their_territory() {
    let site = Site::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/fixtures/tiny");
    let authorities = folder.join("reg_authority.csv");
    site.run(&["submit", authorities.to_str().unwrap(), "--form", "REG.AUTHORITY"]).ended(0);
    let all = std::fs::read_to_string(folder.join("s1_queue.csv")).unwrap();
    let akkol: Vec<&str> =
        all.lines().filter(|line| line.starts_with("year") || line.contains(",113200000,")).collect();
    site.write("all.csv", &all);
    site.write("akkol.csv", akkol.join("\n"));
    let queue =
        |file: &str, subject: &str| site.run(&["submit", file, "--form", "S1.QUEUE", "--subject", subject]);
    let (department, school, testing_centre) = ("980140006004", "990140001005", "980140002001");
    queue("akkol.csv", school).ended(4);
    queue("akkol.csv", testing_centre).ended(4);
    let refused = queue("all.csv", department).ended(1);
    assert!(refused.err.contains("F-REMIT"), "{}", refused.err);
    queue("akkol.csv", department).ended(0);
    assert_eq!(site.value("select count(*) from staging.s1_queue"), "4");
}
