//! What the demo prints.

use std::path::Path;

use datafusion::prelude::SessionContext;

use super::october::{Step, YEAR};
use crate::cli::answer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::query;

/// The ten headline indicators of the republic.
const HEADLINE: [&str; 10] =
    ["CON-01", "NET-01", "ACC-01", "NET-04", "TCH-01", "TCH-03", "TCH-05", "GRD-02", "SFC-02", "UNT-03"];

/// Most characters of a line of the story.
const LINE: usize = 110;

/// What the country looks like, and where to go on.
pub(super) async fn report(context: &Context, ctx: &SessionContext) -> Result<(), CliError> {
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
             d.indicator = i.indicator and d.definition_version = i.definition_version and d.headline_level = i.level where i.indicator in ({}) and i.tier = 'republic' \
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
    Ok(())
}

/// What happened in the October of the last year, and what a correction after it changed.
pub(super) async fn october(context: &Context, ctx: &SessionContext, steps: &[Step]) -> Result<(), CliError> {
    let lang = context.lang_code();
    println!("\nThe October of {YEAR}");
    let mut rows = Vec::new();
    for step in steps {
        let (mut day, mut what) = (step.day.to_string(), step.what);
        for line in lines(&step.answer) {
            rows.push(format!(
                "({}, {}, {})",
                answer::quote(&day),
                answer::quote(what),
                answer::quote(&line)
            ));
            (day, what) = (String::new(), "");
        }
    }
    let story = format!("select * from (values {}) as story (day, what, answer)", rows.join(", "));
    show(context, ctx, &story).await?;
    println!("\nWhat has changed since the fixing of {YEAR}: pupils of schools (CON-01)");
    let cell = format!(
        "year = {YEAR} and indicator = 'CON-01' and level = 'school' and breakdown = 'total' and tier in ('republic', \
         'region', 'district', 'organisation')"
    );
    show(
        context,
        ctx,
        &format!(
            "select r.tier, r.geo_code, n.geo_name_{lang} as name, cast(r.then_value as bigint) as fixed, \
             cast(a.value as bigint) as archive_{YEAR}, cast(r.now_value as bigint) as now, r.submission_count as \
             submissions, s.file_name as changed_by from mart.revision r join archive_{YEAR}.mart.indicator a on \
             a.tier = r.tier and a.geo_code = r.geo_code join mart.indicator n on n.tier = r.tier and n.geo_code = \
             r.geo_code left join gov.submission s on cast(s.submission as varchar) = r.submissions where {} and {} and \
             {} order by case r.tier when 'republic' then 1 when 'region' then 2 when 'district' then 3 else 4 end",
            of("r", &cell),
            of("a", &cell),
            of("n", &cell)
        ),
    )
    .await
}

/// A text in lines that a table can hold beside other columns.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Conditions on a cell for one side of a join.
fn of(side: &str, cell: &str) -> String {
    cell.split(" and ").map(|one| format!("{side}.{one}")).collect::<Vec<_>>().join(" and ")
}

/// Where to go on.
pub(super) fn next(dir: &Path) {
    let lake = dir.join("lake");
    let lake = lake.display();
    println!("\nTry next:");
    println!("  bilim dynamics GRD-02 --by sex --lake {lake}");
    println!("  bilim ranking UNT-03 --tier district --geo 110000000 --lake {lake}");
    println!("  bilim catalog TCH-01 --sql --lake {lake}");
    println!("  bilim catalog rules");
    println!("  bilim verify archive {YEAR} --roots {} --lake {lake}", dir.join("roots").display());
    println!(
        "  bilim sql \"select geo_name_en, value from archive_{YEAR}.mart.indicator where indicator = 'CON-01' and year \
         = {YEAR} and tier = 'region' and level = 'school' and breakdown = 'total'\" --lake {lake}"
    );
    println!("  bilim sql --lake {lake}");
}

pub(super) async fn show(context: &Context, ctx: &SessionContext, sql: &str) -> Result<(), CliError> {
    let stream = query::run(ctx, sql).await?;
    output::table(context, stream).await?;
    Ok(())
}
