//! On what ground, from where and in which form data are collected: paragraphs 1, 2, 5 and 6.

use std::collections::{BTreeMap, BTreeSet};

use bilim::definitions::{Assets, DataKind, Definitions};

use super::{broken, column, fixture, rows};
use crate::support;

/// The definitions of this build with one of their files changed.
fn with_changed(path: &str, from: &str, to: &str) -> Result<Definitions, String> {
    let mut files: BTreeMap<String, Vec<u8>> =
        Assets::built_in().iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    Definitions::from_assets(Assets::from_map(files)).map_err(|error| error.to_string())
}

#[test]
fn r_01_legal_basis_and_edition_in_force() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let without = "select form from ref.form f where legal_paragraph is null or not exists (select 1 from ref.legal_act \
                       a where a.act = f.legal_act)";
        assert_eq!(column(&lake.ctx, without).await, [""; 0]);
        let without = "select indicator from ref.indicator where coalesce(paragraph, '') = ''";
        assert_eq!(column(&lake.ctx, without).await, [""; 0]);
        for (day, edition) in [
            ("2014-12-18", None),
            ("2014-12-19", Some("459")),
            ("2021-12-30", Some("459")),
            ("2021-12-31", Some("521")),
            ("2024-06-13", Some("521")),
            ("2024-06-14", Some("134")),
            ("2025-05-11", Some("99")),
            ("2040-01-01", Some("99")),
        ] {
            let sql = format!(
                "select distinct a.amending_order from ref.form f join ref.legal_act a on a.act = f.legal_act where f.form = \
                 'S1.PUPIL' and a.in_force_from <= date '{day}' and (a.in_force_to is null or a.in_force_to > date '{day}')"
            );
            assert_eq!(column(&lake.ctx, &sql).await, Vec::from_iter(edition), "{day}");
        }
    });
    let path = "datasets/forms/s1_meal.toml";
    let basis = "legal_basis = { act = \"order-459\", paragraph = \"7\", item = 1 }\n";
    let error = with_changed(path, basis, "").unwrap_err();
    assert!(error.contains(path) && error.contains("legal basis"), "{error}");
    let error = with_changed(path, "order-459", "order-0").unwrap_err();
    assert!(error.contains("order-0"), "{error}");
}

#[test]
fn r_02_register_of_systems() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let objects = "select code from ref.source_system where kind = 'informatization_object'";
        assert_eq!(column(&lake.ctx, objects).await, ["nobd"]);
        // A record's system is that of its form.
        let unresolved = "select f.form from ref.form f left join ref.source_system s on s.code = f.source_system where \
                          s.code is null";
        assert_eq!(column(&lake.ctx, unresolved).await, [""; 0]);
    });
    let error =
        with_changed("datasets/forms/s8_kt.toml", "source_system = \"ntc\"", "source_system = \"xyz\"");
    let error = error.unwrap_err();
    assert!(error.contains("xyz") && error.contains("s8_kt.toml"), "{error}");
}

#[test]
fn r_03_primary_statistical_data_are_refused() {
    let path = "datasets/forms/s1_meal.toml";
    for (kind, reason) in
        [("primary_statistical", "paragraph 2"), ("statistical", "administrative data only")]
    {
        let to = format!("data_kind = \"{kind}\"");
        let error = with_changed(path, "data_kind = \"administrative\"", &to).unwrap_err();
        assert!(error.contains(path) && error.contains(reason), "{error}");
    }
    // Nor can they come as statistics: what S2 takes are published aggregates.
    let error = with_changed(
        "datasets/forms/s2_agg.toml",
        "data_kind = \"statistical\"",
        "data_kind = \"primary_statistical\"",
    );
    assert!(error.unwrap_err().contains("paragraph 2"));
    let definitions = Definitions::built_in().unwrap();
    let form = definitions.form("S1.MEAL").unwrap();
    let good = fixture(form, &[]);
    for title in [
        "Индекс 2-НК",
        "Индекс: 2-HK,годовая",
        "Статистическая форма ведомственного статистического наблюдения",
        "Жалпымемлекеттік статистикалық байқаудың статистикалық нысаны",
        "«Соцфин»",
    ] {
        let found = broken(form, &format!("{title}\n{good}"));
        assert_eq!(found, BTreeSet::from(["F-STATISTICAL".to_owned()]), "{title}");
    }
    for title in ["Питание учащихся за 2024 год", "Отчёт 12-НК/а"] {
        assert_eq!(broken(form, &format!("{title}\n{good}")), BTreeSet::new(), "{title}");
    }
    // A form of published statistics may well name what it is made from.
    let published = definitions.form("S2.AGG").unwrap();
    let titled = format!("По данным формы 2-НК\n{}", fixture(published, &[]));
    assert_eq!(broken(published, &titled), BTreeSet::new());
    // Qualitative values of organisations answer questions as numbers do; B3 did not state its building.
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select building_state, count(*) from staging.s1_org where year = 2024 group by building_state order by \
                   building_state nulls last";
        let expected = [["adapted", "1"], ["emergency", "2"], ["normal", "6"], ["NULL", "1"]];
        assert_eq!(rows(&lake.ctx, sql).await, expected);
    });
}

const LEVELS: [&str; 6] =
    ["pre_school", "primary", "basic_secondary", "general_secondary", "tve", "post_secondary"];

#[test]
fn r_11_six_levels() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let levels = "select level from ref.level where not is_composite order by \"order\"";
        assert_eq!(column(&lake.ctx, levels).await, LEVELS);
        // Forms of what subjects report know these six only.
        for form in lake.definitions.forms.iter().filter(|form| form.data_kind != Some(DataKind::Statistical))
        {
            for field in form.fields.iter().filter(|field| field.codes.as_deref() == Some("level")) {
                let odd: Vec<&String> =
                    field.members.iter().filter(|level| !LEVELS.contains(&level.as_str())).collect();
                assert!(odd.is_empty() || form.code == "S10.OBS", "{}: {odd:?}", form.code);
            }
        }
        // Indicators answer at the six, at composites of them or of ISCED, and outside them at no level.
        let known = column(&lake.ctx, "select level from ref.level").await;
        let mut outside = BTreeSet::new();
        for indicator in &lake.definitions.catalogue.indicators {
            for level in &indicator.levels {
                if !known.contains(level) && !level.starts_with("isced_") {
                    outside.insert((indicator.code.as_str(), level.as_str()));
                }
            }
        }
        assert_eq!(outside, BTreeSet::from([("KT-01", "NA")]));
        let tested = "select distinct level from mart.indicator where indicator = 'KT-01'";
        assert_eq!(column(&lake.ctx, tested).await, ["NA"]);
        let member = "select level from ref.level_member where member = 'NA' or level = 'NA'";
        assert_eq!(column(&lake.ctx, member).await, [""; 0], "complex testing is in no composite");
    });
}

#[test]
fn r_13_form_of_organisation() {
    let definitions = Definitions::built_in().unwrap();
    for code in ["S5.INSPECTION", "S11.MONITORING", "S12.SURVEY", "S1.METHDAY"] {
        let form = definitions.form(code).unwrap();
        let field = form.field("monitoring_form").unwrap_or_else(|| panic!("{code} has no monitoring_form"));
        assert!(field.is_required, "{code}");
        let members: BTreeSet<&str> = field.members.iter().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["direct", "distance"]), "{code}");
        for (value, rule) in
            [("", Some("F-REQUIRED")), ("phone", Some("F-CODE")), ("distance", None), ("direct", None)]
        {
            let found = broken(form, &fixture(form, &[("monitoring_form", value)]));
            assert_eq!(found, rule.map(str::to_owned).into_iter().collect(), "{code}: {value}");
        }
    }
}

#[test]
fn r_15_methodological_days() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        let form = lake.definitions.form("S1.METHDAY").unwrap();
        assert_eq!(form.legal_basis.as_ref().unwrap().paragraph, "6");
        assert_eq!(form.owed_by, ["district_dept", "region_dept"]);
        let found = broken(form, &fixture(form, &[("done_count", "5")]));
        assert_eq!(found, BTreeSet::from(["V-MTD-01".to_owned()]), "five carried out of four");
        // Akkol covered both of its schools; of Aktobe's districts one is covered and one is not.
        let sql = "select geo_code, cast(value as int) from mart.indicator where indicator = 'MET-01' and year = 2024 and tier \
                   = 'district' and breakdown = 'total' order by geo_code";
        let expected = [
            ["111000000", "0"],
            ["113200000", "100"],
            ["151000000", "100"],
            ["153200000", "0"],
            ["711210000", "0"],
        ];
        assert_eq!(rows(&lake.ctx, sql).await, expected);
    });
}

#[test]
fn r_16_studies_come_with_weights() {
    support::block_on(async {
        let lake = support::tiny_lake().await;
        for code in ["S10.REPLICATE", "S11.MONITORING", "S12.SURVEY"] {
            let form = lake.definitions.form(code).unwrap();
            let found = broken(form, &fixture(form, &[("weight", "")]));
            assert_eq!(found, BTreeSet::from(["F-REQUIRED".to_owned()]), "{code}");
        }
        // Weighted 13 of 16; without weights it would be 4 of 6.
        let sql = "select numerator, denominator, value, round(se, 6) from mart.indicator where indicator = 'SOC-01' and year = 2024 \
                   and tier = 'republic' and breakdown = 'total'";
        assert_eq!(rows(&lake.ctx, sql).await, [["13.0", "16.0", "81.25", "6.25"]]);
        // As many plausible values and replicate weights as the study has, one row each.
        let sql =
            "select (select max(pv) from staging.s10_pv), (select max(replicate) from staging.s10_replicate)";
        assert_eq!(rows(&lake.ctx, sql).await, [["2", "2"]]);
    });
}
