//! Canned queries on the tiny country: every answer is pinned, and what it counts is counted a second way.
//!
//! `BILIM_BLESS=1` writes the answers anew; a changed answer needs its reason in the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use datafusion::common::{ParamValues, ScalarValue};
use datafusion::prelude::{DataFrame, SessionContext};

use crate::support::{self, block_on};

/// One cell of the tiny country of 2024, and a statement over the facts that gives it without any measure or indicator:
/// query, column, row (`geo_code`; `+` = the sum of the column), SQL.
#[rustfmt::skip]
const SECOND_WAY: [(&str, &str, &str, &str); 30] = [
    ("data-quality", "duplicates", "KZ", "select '-'"),
    ("enrolment-by-grade", "learners", "+", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and grade between 1 and 12 and level in ('primary', 'basic_secondary', 'general_secondary')"),
    ("headline", "pupils", "+", "select count(distinct concat(cast(year as varchar), cast(pid as varchar), cast(org_bin as varchar))) + 2500000 from staging.s1_pupil where is_active and level in ('primary', 'basic_secondary', 'general_secondary')"),
    ("languages", "learners", "+", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level in ('primary', 'basic_secondary', 'general_secondary')"),
    ("meals", "fed", "KZ", "select sum(pupil_count) from staging.s1_meal where year = 2024 and grade between 1 and 4 and kind = 'free'"),
    ("network", "organisations", "+", "select count(*) from staging.s1_org where year = 2024 and is_active"),
    ("preschool-children", "children", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level = 'pre_school'"),
    ("preschool-children", "girls", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level = 'pre_school' and sex = 'female'"),
    ("preschool-network", "private", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type in ('kindergarten', 'mini_centre') and ownership = 'private'"),
    ("preschool-network", "total", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type in ('kindergarten', 'mini_centre')"),
    ("pupils-by-grade", "grade_5", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and grade = 5"),
    ("pupils-by-grade", "grade_12", "KZ", "select '-'"),
    ("pupils-by-grade", "pupils", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level in ('primary', 'basic_secondary', 'general_secondary')"),
    ("pupils-by-language", "language_en", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level in ('primary', 'basic_secondary', 'general_secondary') and language = 'en'"),
    ("pupils-by-language", "rural", "KZ", "select count(distinct p.pid) from staging.s1_pupil p join staging.s1_org o on o.year = p.year and o.org_bin = p.org_bin where p.year = 2024 and p.is_active and p.level in ('primary', 'basic_secondary', 'general_secondary') and o.locality = 'rural'"),
    ("schools-by-type", "gymnasium", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type = 'gymnasium'"),
    ("schools-by-type", "rural", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type in ('primary', 'basic', 'general', 'gymnasium', 'lyceum') and locality = 'rural'"),
    ("schools-by-type", "total", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type in ('primary', 'basic', 'general', 'gymnasium', 'lyceum')"),
    ("special-needs", "learners", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and has_sen and level in ('primary', 'basic_secondary', 'general_secondary')"),
    ("teachers", "teachers", "+", "select count(distinct s.tid) from staging.s1_staff s join staging.s1_org o on o.year = s.year and o.org_bin = s.org_bin where s.year = 2024 and s.is_counted and o.org_type in ('primary', 'basic', 'general', 'gymnasium', 'lyceum')"),
    ("teachers-by-sex-and-age", "teachers", "KZ", "select count(distinct s.tid) from staging.s1_staff s join staging.s1_org o on o.year = s.year and o.org_bin = s.org_bin where s.year = 2024 and s.is_counted and o.org_type in ('primary', 'basic', 'general', 'gymnasium', 'lyceum')"),
    ("tve-graduates", "graduates", "KZ", "select count(*) from staging.s1_tve_grad where year = 2024 and not is_continuing and exempt_reason is null"),
    ("tve-organisations", "total", "KZ", "select count(*) from staging.s1_org where year = 2024 and is_active and org_type in ('college', 'higher_college')"),
    ("tve-students", "students", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level = 'tve'"),
    ("tve-students", "women", "KZ", "select count(distinct pid) from staging.s1_pupil where year = 2024 and is_active and level = 'tve' and sex = 'female'"),
    ("tve-teachers", "teachers", "KZ", "select count(distinct s.tid) from staging.s1_staff s join staging.s1_org o on o.year = s.year and o.org_bin = s.org_bin where s.year = 2024 and s.is_counted and o.org_type = 'college'"),
    ("preschool-teachers", "teachers", "KZ", "select count(distinct s.tid) from staging.s1_staff s join staging.s1_org o on o.year = s.year and o.org_bin = s.org_bin where s.year = 2024 and s.is_counted and o.org_type = 'kindergarten'"),
    ("unt", "persons", "+", "select count(distinct pid) from staging.s7_unt where year = 2024 and region > 0 and status = 'valid'"),
    ("unt-participants", "persons", "KZ", "select count(distinct pid) from staging.s7_unt where year = 2024 and status = 'valid'"),
    ("unt-participants", "sittings", "KZ", "select count(distinct concat(cast(pid as varchar), session, cast(attempt as varchar))) from staging.s7_unt where year = 2024 and status = 'valid'"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Names of the queries and their texts.
fn queries() -> BTreeMap<String, String> {
    let mut queries = BTreeMap::new();
    for entry in fs::read_dir(root().join("sql/canned")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        queries.insert(name, fs::read_to_string(&path).unwrap());
    }
    queries
}

/// Values of the header's tag, in order.
fn tags<'a>(text: &'a str, tag: &str) -> Vec<&'a str> {
    let lead = format!("-- {tag}: ");
    text.lines().filter_map(|line| line.strip_prefix(&lead)).map(str::trim).collect()
}

/// A query with its default parameters.
pub async fn frame(ctx: &SessionContext, text: &str) -> DataFrame {
    let values: Vec<(String, ScalarValue)> = tags(text, "param")
        .into_iter()
        .map(|param| {
            let words: Vec<&str> = param.splitn(3, ' ').collect();
            let value = match words[1] {
                "int" => ScalarValue::Int32(Some(words[2].parse().unwrap())),
                _ => ScalarValue::Utf8(Some(words[2].to_owned())),
            };
            (words[0].to_owned(), value)
        })
        .collect();
    let plan = bilim::query::plan(ctx, text).await.unwrap();
    let frame = ctx.execute_logical_plan(plan).await.unwrap();
    if values.is_empty() { frame } else { frame.with_param_values(ParamValues::from(values)).unwrap() }
}

/// Column names and rows of a query with its default parameters.
async fn answer(ctx: &SessionContext, text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let frame = frame(ctx, text).await;
    let columns = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    (columns, support::texts(&frame.collect().await.unwrap()))
}

fn golden(name: &str) -> PathBuf {
    root().join("datasets/fixtures/golden/canned").join(format!("{name}.csv"))
}

#[test]
fn canned_queries_have_titles_and_heads_in_three_languages() {
    let queries = queries();
    assert!(queries.len() >= 40, "only {}", queries.len());
    let tables: BTreeSet<&str> = queries.values().flat_map(|text| tags(text, "table")).collect();
    for table in [
        "B1", "B2", "B3", "B4", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "F1",
        "F2", "F4", "F5",
    ]
    .into_iter()
    .chain(["G1", "G2", "G4", "H1", "H4", "I1", "Q1", "K1", "X1"])
    {
        assert!(tables.contains(table), "no query answers table {table}");
    }
    block_on(async move {
        let lake = support::tiny_lake().await;
        for (name, text) in queries {
            for tag in ["theme", "title.kk", "title.ru", "title.en"] {
                assert_eq!(tags(&text, tag).len(), 1, "{name}: {tag}");
            }
            let heads: BTreeMap<&str, usize> = tags(&text, "head")
                .into_iter()
                .map(|head| (head.split('|').next().unwrap().trim(), head.split('|').count()))
                .collect();
            let (columns, _) = answer(&lake.ctx, &text).await;
            for column in columns {
                assert_eq!(heads.get(column.as_str()), Some(&4), "{name}: heads of {column}");
            }
        }
    });
}

#[test]
fn canned_queries_answer_as_pinned() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let mut changed = Vec::new();
        for (name, text) in queries() {
            let (columns, rows) = answer(&lake.ctx, &text).await;
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&columns).unwrap();
            for row in rows {
                writer.write_record(&row).unwrap();
            }
            let found = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let path = golden(&name);
            if std::env::var_os("BILIM_BLESS").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &found).unwrap();
            } else if fs::read_to_string(&path).ok().as_ref() != Some(&found) {
                changed.push(format!("{name}:\n{found}"));
            }
        }
        assert!(changed.is_empty(), "{}", changed.join("\n"));
    });
}

#[test]
fn canned_queries_count_what_the_facts_count() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let queries = queries();
        let mut failures = Vec::new();
        for (name, column, row, sql) in SECOND_WAY {
            let (columns, rows) = answer(&lake.ctx, &queries[name]).await;
            let at = columns.iter().position(|known| known == column).unwrap();
            let found = if row == "+" {
                let cells = rows.iter().filter_map(|row| row[at].trim_end_matches('*').parse::<f64>().ok());
                format!("{}", cells.sum::<f64>())
            } else {
                let code = columns.iter().position(|known| known == "geo_code").unwrap();
                rows.iter()
                    .find(|cells| cells[code] == row)
                    .map_or("no row".to_owned(), |cells| cells[at].clone())
            };
            let expected = support::texts(&lake.ctx.sql(sql).await.unwrap().collect().await.unwrap());
            if found != expected[0][0] {
                failures.push(format!("{name}.{column} in {row}: {found}, the facts say {}", expected[0][0]));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}
