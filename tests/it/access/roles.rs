//! Every refusal, and what each role sees.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bilim::config::{Audience, Config};
use bilim::definitions::Definitions;
use bilim::lake::{AsOf, Lake};
use bilim::query::{self, QueryError};
use bilim::session::{Caller, Role};
use bilim_domain::pseudonym::PseudonymKey;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::statements::names;
use super::worlds::{caller, session};
use crate::freeze::Fixing;
use crate::support::{self, block_on, texts};
use crate::support_cli::bin;

async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    let stream = query::run(ctx, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    texts(&stream.try_collect::<Vec<_>>().await.unwrap_or_else(|error| panic!("{sql}: {error}")))
}

async fn one(ctx: &SessionContext, sql: &str) -> String {
    rows(ctx, sql).await[0][0].clone()
}

const CALLERS: [Role; 5] = [Role::Region, Role::District, Role::Organisation, Role::Researcher, Role::Public];

fn researcher(name: &str) -> Caller {
    let key = PseudonymKey::new(&[7; 32]).unwrap();
    Caller::new(name, Role::Researcher, None).unwrap().with_mask(key)
}

/// The ministry sees what the embedded session sees, and the others the rows of their scope: counted by the ministry.
#[test]
fn records_are_those_of_the_scope() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for (role, condition) in [
            (Role::Ministry, "true"),
            (Role::Region, "region = 11"),
            (Role::District, "district = 113200000"),
            (Role::Organisation, "org_bin = 990140001005"),
            (Role::Researcher, "true"),
        ] {
            let ctx = session(&lake, &caller(role), 2);
            for table in ["raw.s1_pupil", "staging.s1_pupil", "raw.s1_staff", "staging.s1_org", "raw.s6_exam"]
            {
                let shown = one(&ctx, &format!("select count(*) from {table}")).await;
                let due = one(&lake.ctx, &format!("select count(*) from {table} where {condition}")).await;
                assert_eq!(shown, due, "{table} for {role}");
                assert!(due != "0", "{table} for {role}");
                let listed = rows(&ctx, &format!("select * from {table}")).await.len().to_string();
                assert_eq!(listed, due, "{table} for {role}");
            }
        }
    });
}

/// What has no rule is refused by name, and the code of the refusal is that of something not allowed.
#[test]
fn what_is_not_stated_is_refused() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for role in CALLERS {
            let ctx = session(&lake, &caller(role), 1);
            let mut refused = vec![
                "measures.enrolment",
                "mart.rating_input",
                "gov.notice",
                "gov.freeze_event",
                "gov.anomaly",
                "gov.series",
                "ref.unit_weight",
                "ref.vintage_unit",
                "meta.indicator_coverage",
            ];
            match role {
                Role::Public => refused.extend([
                    "raw.s1_pupil",
                    "staging.s1_pupil",
                    "gov.submission",
                    "gov.finding",
                    "gov.missing",
                    "meta.lineage",
                    "mart.distribution",
                    "mart.peer_group",
                ]),
                Role::Researcher => {
                    refused.extend(["gov.submission", "gov.finding", "meta.lineage", "mart.distribution"]);
                }
                Role::Organisation => {
                    refused.extend(["raw.s10_obs", "raw.s2_agg", "gov.completeness", "meta.version"]);
                }
                _ => refused.extend(["raw.s10_obs", "staging.s10_pupil", "meta.version"]),
            }
            for table in refused {
                let error = query::run(&ctx, &format!("select * from {table}")).await.err();
                match error {
                    Some(QueryError::NotAllowed(refusal)) => {
                        assert_eq!((refusal.table.as_str(), refusal.role), (table, role));
                    }
                    other => panic!("{table} for {role}: {:?}", other.map(|error| error.to_string())),
                }
                // It is not listed either.
                let (schema, name) = table.split_once('.').unwrap();
                assert!(!names(&ctx, schema).contains(&format!("{schema}.{name}")), "{table} for {role}");
            }
        }
    });
}

/// Settings and measurements of a run are the ministry's; so is a plan in the public's eyes.
#[test]
fn settings_and_measurements_are_refused() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for role in CALLERS {
            let ctx = session(&lake, &caller(role), 1);
            for sql in [
                "show all",
                "show datafusion.execution.batch_size",
                "select * from information_schema.df_settings",
                "explain analyze select * from mart.indicator where indicator = 'CON-01' and year = 2024",
                "explain verbose select * from mart.indicator where indicator = 'CON-01' and year = 2024",
                "set datafusion.execution.batch_size = 1",
                "copy (select 1) to '/tmp/x.csv'",
                "create table x as select 1",
                "insert into raw.s1_org select * from raw.s1_org",
            ] {
                let refused = query::run(&ctx, sql).await.err();
                let is_refused = matches!(
                    refused,
                    Some(QueryError::Refused { .. } | QueryError::NotAllowed(_) | QueryError::Planning(_))
                );
                assert!(is_refused, "{sql} for {role}: {:?}", refused.map(|error| error.to_string()));
            }
            let plan = query::run(&ctx, "explain select count(*) from ref.geo").await;
            assert_eq!(plan.is_ok(), role != Role::Public, "{role}");
        }
    });
}

/// A plan names tables; it shows neither files nor conditions of the policy nor the definer's plan.
#[test]
fn plans_show_nothing_below_a_table() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for role in [Role::Region, Role::District, Role::Organisation, Role::Researcher] {
            let ctx = session(&lake, &caller(role), 4);
            for sql in [
                "explain select * from raw.s1_pupil where year = 2024 and sex = 'female'",
                "explain select count(*) from staging.s1_staff where cast(position as varchar) like 't%'",
                "explain select * from mart.indicator where indicator = 'TCH-01' and year = 2024",
            ] {
                let plan = rows(&ctx, sql).await.concat().join("\n");
                assert!(plan.contains("SecureExec"), "{plan}");
                for hidden in
                    ["parquet", "DataSourceExec", "file_groups", "113200000", "990140001005", "statistics"]
                {
                    assert!(!plan.contains(hidden), "{hidden} in\n{plan}");
                }
            }
        }
    });
}

/// A failure on a caller's own rows is told by its kind and a number, without the value.
#[test]
fn failures_are_told_without_values() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let ctx = session(&lake, &caller(Role::District), 1);
        for (sql, code) in [
            ("select cast(name_en as int) from raw.s1_org", "22018"),
            ("select 1 / (year - year) from raw.s1_org", "22012"),
        ] {
            let stream = query::run(&ctx, sql).await;
            let error = match stream {
                Ok(stream) => stream.try_collect::<Vec<_>>().await.unwrap_err().to_string(),
                Err(error) => error.to_string(),
            };
            assert!(error.contains(code) && error.contains("incident "), "{error}");
            assert!(!error.contains("Organisation"), "{error}");
        }
    });
}

/// The tiers and units that the rule gives to each role.
#[test]
fn indicators_are_shown_by_tier_and_unit() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select distinct tier, geo_code, parent_code from mart.indicator where indicator = 'CON-01' and year = 2024 \
                   and level = 'school' and breakdown = 'total' and tier in ('organisation', 'district', 'region', 'republic') \
                   order by 1, 2";
        let all: Vec<[String; 3]> = cells(&rows(&lake.ctx, sql).await);
        let due = |shows: &dyn Fn(&[String; 3]) -> bool| -> BTreeSet<[String; 3]> {
            all.iter().filter(|row| shows(row)).cloned().collect()
        };
        let above = |row: &[String; 3]| matches!(row[0].as_str(), "region" | "republic");
        let sibling = |row: &[String; 3]| row[0] == "district" && row[2] == "110000000";
        for (role, due) in [
            (Role::Ministry, due(&|_| true)),
            (
                Role::Region,
                due(&|row| {
                    above(row) || sibling(row) || (row[0] == "organisation" && row[2].starts_with("11"))
                }),
            ),
            (
                Role::District,
                due(&|row| above(row) || sibling(row) || (row[0] == "organisation" && row[2] == "113200000")),
            ),
            (Role::Organisation, due(&|row| above(row) || sibling(row) || row[1] == "990140001005")),
            (Role::Researcher, due(&|_| true)),
            (Role::Public, due(&|_| true)),
        ] {
            let shown: BTreeSet<[String; 3]> =
                cells(&rows(&session(&lake, &caller(role), 2), sql).await).into_iter().collect();
            assert_eq!(shown, due, "{role}");
            let organisations = shown.iter().filter(|row| row[0] == "organisation").count();
            assert!(organisations > 0, "{role}");
        }
        // Values are the true ones.
        let value = "select value, n from mart.indicator where indicator = 'CON-01' and year = 2024 and level = 'school' and \
                     breakdown = 'total' and tier = 'district' and geo_code = '113200000'";
        assert_eq!(
            rows(&session(&lake, &caller(Role::District), 2), value).await,
            rows(&lake.ctx, value).await
        );
    });
}

fn cells(rows: &[Vec<String>]) -> Vec<[String; 3]> {
    rows.iter().map(|row| [row[0].clone(), row[1].clone(), row[2].clone()]).collect()
}

/// Small cells are hidden from researchers as from the public, and from nobody else.
#[test]
fn small_cells_are_hidden_from_researchers_and_the_public() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select count(*) from mart.indicator where indicator = 'GRD-02' and year = 2024 and level = 'school' and flag = \
                   'suppressed' and breakdown in ('total', 'sex')";
        for role in Role::ALL {
            let hidden = one(&session(&lake, &caller(role), 2), sql).await;
            assert_eq!(hidden != "0", matches!(role, Role::Researcher | Role::Public), "{role}: {hidden}");
        }
    });
}

/// A researcher reads pseudonyms of its own: stable within, comparable with nobody's.
#[test]
fn pseudonyms_of_researchers_are_their_own() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let sql = "select org_bin, pid, birth from raw.s1_pupil where year = 2024 order by org_bin, grade, sex, birth, enrol_from";
        let true_rows = rows(&lake.ctx, sql).await;
        let ann = session(&lake, &researcher("ann"), 1);
        let bob = session(&lake, &researcher("bob"), 1);
        let pids =
            |rows: &[Vec<String>]| -> BTreeSet<String> { rows.iter().map(|row| row[1].clone()).collect() };
        let (of_ann, of_bob) = (rows(&ann, sql).await, rows(&bob, sql).await);
        assert_eq!(pids(&rows(&ann, sql).await), pids(&of_ann));
        let (truth, first, second) = (pids(&true_rows), pids(&of_ann), pids(&of_bob));
        assert_eq!((first.len(), second.len()), (truth.len(), truth.len()));
        assert!(first.is_disjoint(&truth) && second.is_disjoint(&truth) && first.is_disjoint(&second));
        // The month of birth is not shown.
        assert!(of_ann.iter().all(|row| row[2].ends_with("00")), "{:?}", of_ann[0]);
        // The same person is the same in two forms.
        let joined =
            "select count(*) from raw.s1_pupil p join raw.s1_grade g on g.pid = p.pid and g.year = p.year";
        assert_eq!(one(&ann, joined).await, one(&lake.ctx, joined).await);
        assert!(one(&ann, joined).await != "0");
        // Whom an original pseudonym belongs to cannot be asked.
        let known = &true_rows[0][1];
        assert_eq!(one(&ann, &format!("select count(*) from raw.s1_pupil where pid = {known}")).await, "0");
        // Without the key nothing is shown of a person.
        let keyless = session(&lake, &caller(Role::Researcher), 1);
        assert_eq!(one(&keyless, "select count(pid) from raw.s1_pupil").await, "0");
        assert_eq!(one(&keyless, "select count(tid) from staging.s1_staff").await, "0");
    });
}

/// Files of other regions are not opened: they may be gone.
#[test]
fn files_of_other_regions_are_never_opened() {
    block_on(async {
        let lake = support::lake_of(&fixture(), None).await;
        let raw = lake.lake.root().join("raw");
        let removed = remove_others(&raw, "region=11");
        assert!(removed > 10, "{removed}");
        let region = session(&lake, &caller(Role::Region), 2);
        let district = session(&lake, &caller(Role::District), 2);
        for table in ["raw.s1_pupil", "staging.s1_org", "raw.s1_staff", "raw.s6_exam"] {
            for ctx in [&region, &district] {
                assert!(one(ctx, &format!("select count(*) from {table}")).await != "0", "{table}");
                rows(ctx, &format!("select * from {table} where year = 2024")).await;
                rows(
                    ctx,
                    &format!(
                        "select max(submission), min(year) from {table} where cast(region as varchar) <> 'x'"
                    ),
                )
                .await;
            }
        }
        let of_all = query::run(&lake.ctx, "select max(enrol_from) from raw.s1_pupil where sex = 'male'")
            .await
            .unwrap();
        assert!(of_all.try_collect::<Vec<_>>().await.is_err());
    });
}

fn fixture() -> Vec<(String, std::path::PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/fixtures/tiny");
    ["s1_org", "s1_pupil", "s1_staff", "s6_exam"]
        .map(|name| (name.to_uppercase().replacen('_', ".", 1), folder.join(format!("{name}.csv"))))
        .to_vec()
}

fn remove_others(folder: &Path, keep: &str) -> usize {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            removed += remove_others(&path, keep);
        } else if path.extension().is_some_and(|ending| ending == "parquet")
            && !path.components().any(|part| part.as_os_str() == keep)
        {
            std::fs::remove_file(&path).unwrap();
            removed += 1;
        }
    }
    removed
}

/// Everything that a role is shown can be read by it.
#[test]
fn what_is_listed_can_be_read() {
    block_on(async {
        let lake = support::tiny_lake().await;
        for role in CALLERS {
            let ctx = session(&lake, &caller(role), 2);
            for schema in ["raw", "staging", "ref", "gov", "meta"] {
                for table in names(&ctx, schema) {
                    rows(&ctx, &format!("select * from {table} limit 3")).await;
                }
            }
            for table in names(&ctx, "mart") {
                let provider = ctx.table_provider(table.as_str()).await;
                assert!(provider.is_ok(), "{table} for {role}: {:?}", provider.err());
            }
        }
    });
}

/// Of a file that holds rows of others too, its size and name stay theirs.
#[test]
fn submissions_across_scopes_are_shown_without_their_size() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let ctx = session(&lake, &caller(Role::District), 1);
        let of_pupils = "select file_name, content_sha256, row_count, outcome from gov.submission where form = 'S1.PUPIL'";
        assert_eq!(
            rows(&ctx, of_pupils).await,
            [["NULL", "NULL", "NULL", "accepted"].map(str::to_owned).to_vec()]
        );
        let own = "select distinct district from gov.scope where district is not null order by 1";
        assert_eq!(rows(&ctx, own).await, [["113200000".to_owned()].to_vec()]);
        assert_eq!(
            rows(&ctx, "select sha256, ledger from meta.lake_version").await,
            [["NULL", "NULL"].map(str::to_owned).to_vec()]
        );
        let lineage =
            "select distinct district from meta.lineage where indicator = 'CON-01' and district is not null";
        assert_eq!(rows(&ctx, lineage).await, [["113200000".to_owned()].to_vec()]);
    });
}

/// A table of the caller's own beside the lake, under a name that is not the lake's.
#[test]
fn names_of_the_lake_cannot_be_taken() {
    block_on(async {
        let lake = support::tiny_lake().await;
        let ctx = session(&lake, &caller(Role::District), 1);
        let own = ctx.sql("select 1 as x").await.unwrap().into_view();
        assert!(ctx.register_table("mart.mine", std::sync::Arc::clone(&own)).is_ok());
        assert_eq!(one(&ctx, "select x from mart.mine").await, "1");
        assert!(ctx.register_table("mart.rating_input", std::sync::Arc::clone(&own)).is_err());
        assert!(ctx.register_table("raw.s1_pupil", own).is_err());
    });
}

/// A frozen year is seen by the rules of today, through its own tables.
#[test]
fn archives_stand_under_the_same_rules() {
    let fixing = Fixing::fixed();
    let location = fixing.site.lake().display().to_string();
    block_on(async move {
        let lake = Lake::open(&location).await.unwrap();
        let snapshot = lake.snapshot(AsOf::Latest).await.unwrap();
        let (config, definitions) = (Config::default(), Arc::new(Definitions::built_in().unwrap()));
        let open = |caller: &Caller| {
            let runtime = bilim::session::runtime(&config).unwrap();
            bilim::session::open_for(&config, runtime, &definitions, &snapshot, caller).unwrap()
        };
        let school = Caller::new("school", Role::Organisation, Some(&bin(2).to_string())).unwrap();
        let (ctx, ministry) = (open(&school), open(&Caller::embedded(Audience::Ministry)));
        let pupils = "select count(*) from archive_2024.raw.s1_pupil";
        assert_eq!((one(&ministry, pupils).await.as_str(), one(&ctx, pupils).await.as_str()), ("6", "3"));
        let staged = "select distinct org_bin from archive_2024.staging.s1_pupil";
        assert_eq!(rows(&ctx, staged).await, [[i64::from(bin(2)).to_string()].to_vec()]);
        let shown = "select distinct geo_code from archive_2024.mart.indicator where indicator = 'CON-01' and tier = 'organisation'";
        assert_eq!(rows(&ctx, shown).await, [[bin(2).to_string()].to_vec()]);
        assert!(rows(&ministry, shown).await.len() > 1);
        for table in
            ["archive_2024.measures.enrolment", "archive_2024.gov.notice", "archive_2024.gov.freeze_event"]
        {
            let refused = query::run(&ctx, &format!("select * from {table}")).await.err();
            assert!(matches!(refused, Some(QueryError::NotAllowed(_))), "{table}");
        }
        let public = query::run(&open(&Caller::embedded(Audience::Public)), pupils).await.err();
        assert!(matches!(public, Some(QueryError::NotAllowed(_))));
        // An archive that cannot be read says no more than that.
        std::fs::remove_dir_all(fixing.site.lake().join("archive/2024/raw")).unwrap();
        std::fs::write(fixing.site.lake().join("archive/2024/manifest.json"), "{}").unwrap();
        let Err(error) = query::run(&open(&school), pupils).await else {
            panic!("a damaged archive was read")
        };
        let text = error.to_string();
        assert!(!text.contains("manifest") && !text.contains(&location), "{text}");
    });
}
