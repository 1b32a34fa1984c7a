//! `bilim catalog`: the list of indicators, the card of one, its SQL, the forms, their checks.

use std::collections::BTreeSet;

use super::args::CatalogArgs;
use super::context::Context;
use super::error::CliError;
use super::indicator::find;
use super::output;
use crate::definitions::{Derivation, Direction, Form, Indicator, Term};
use crate::intake::rules;
use crate::intake::signature::verdict;
use crate::session::indicator::{IndicatorTable, Request};

pub async fn run(context: &Context, args: &CatalogArgs) -> Result<u8, CliError> {
    match args.code.as_deref() {
        None => list(context).await?,
        Some("forms") => forms(context).await?,
        Some("rules") => super::requirements::list(context).await?,
        Some("checks") => checks(context).await?,
        Some(code) => {
            let code = code.to_uppercase();
            let indicator = find(context, &code)?;
            if args.sql { sql(context, &code, indicator, args)? } else { card(context, &code, indicator) }
        }
    }
    Ok(0)
}

async fn list(context: &Context) -> Result<(), CliError> {
    let row = |indicator: &Indicator| {
        vec![
            indicator.code.clone(),
            indicator.name.get(context.lang()).to_owned(),
            indicator.unit.clone(),
            indicator.direction.as_str().to_owned(),
            indicator.lowest_tier.clone(),
            indicator.sources.join(" "),
        ]
    };
    let rows = context.definitions.catalogue.indicators.iter().map(row).collect();
    output::list(context, &["code", "name", "unit", "direction", "lowest tier", "sources"], rows).await
}

async fn forms(context: &Context) -> Result<(), CliError> {
    let row = |form: &Form| {
        vec![
            form.code.clone(),
            form.title.get(context.lang()).to_owned(),
            form.grain.clone(),
            form.fields.len().to_string(),
            form.rules.len().to_string(),
        ]
    };
    let rows = context.definitions.forms.iter().map(|form| row(form)).collect();
    output::list(context, &["form", "title", "one row is", "fields", "rules"], rows).await
}

/// Every code that a finding may bear: of a form, of any file, of a signature. In the latter two `{0}`, `{1}`, ...
/// stand for what is found.
async fn checks(context: &Context) -> Result<(), CliError> {
    let mut rows = Vec::new();
    for form in &context.definitions.forms {
        for rule in &form.rules {
            let text = rule.message.get(context.lang());
            let cells = [&rule.code, &form.code, rule.severity.as_str(), &rule.field, text];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    for (what, rules) in [("any file", rules::ALL), ("signature", verdict::ALL)] {
        for rule in rules {
            let text = rule.text(context.lang());
            rows.push([rule.code, what, rule.severity.as_str(), "", text].map(str::to_owned).to_vec());
        }
    }
    output::list(context, &["rule", "form", "severity", "field", "message"], rows).await
}

fn card(context: &Context, code: &str, indicator: &Indicator) {
    let line = |key: &str, value: &str| println!("{key:<16} {value}");
    println!("{code}  {}", indicator.name.get(context.lang()));
    println!("{}", indicator.description.get(context.lang()));
    println!();
    line("formula", &indicator.formula);
    line("unit", &format!("{}, {} decimals", indicator.unit, indicator.decimals));
    let direction = match (indicator.direction, indicator.target) {
        (Direction::Target, Some(target)) => format!("the nearer to {target} the better"),
        (Direction::Higher, _) => "higher is better".to_owned(),
        (Direction::Lower, _) => "lower is better".to_owned(),
        _ => "neutral, never ranked".to_owned(),
    };
    line("direction", &direction);
    let norm = indicator
        .norm_value
        .map_or_else(|| indicator.norm_source.clone(), |norm| format!("{norm} ({})", indicator.norm_source));
    line("norm", &norm);
    line("levels", &indicator.levels.join(", "));
    line("lowest tier", &indicator.lowest_tier);
    line("sources", &indicator.sources.join(", "));
    line("standard", &indicator.standard);
    line("paragraph", &indicator.paragraph);
    line("definition", &format!("version {}, from {}", indicator.version, indicator.valid_from_year));
    for (year, reason) in &indicator.break_years {
        line("break", &format!("{year}: {reason}"));
    }
    for (category, breaks) in &indicator.category_breaks {
        for (year, reason) in breaks {
            line("break", &format!("{category} {year}: {reason}"));
        }
    }
    for (order, derivation) in indicator.derivations.iter().enumerate() {
        println!();
        println!(
            "derivation {} from {}, tiers {}",
            order + 1,
            derivation.source,
            derivation.tiers.join(", ")
        );
        terms(derivation);
        line("  breakdowns", &derivation.breakdowns.join(" | "));
    }
}

fn terms(derivation: &Derivation) {
    let show = |key: &str, term: &Term| {
        let when = term.when.as_ref().map(|when| format!(" where {when}")).unwrap_or_default();
        let shift = if term.shift_year == 0 {
            String::new()
        } else {
            format!(", {} year(s) earlier", term.shift_year)
        };
        println!("  {key:<14} sum of {} in measures.{}{when}{shift}", term.value, term.measure);
    };
    if let Some(term) = &derivation.numerator {
        show("numerator", term);
    }
    if let Some(term) = &derivation.denominator {
        show("denominator", term);
    }
    if let Some(view) = &derivation.view {
        println!("  {:<14} {view}", "values of");
    }
}

/// The statements behind one tier and breakdown, a blank line between derivations.
fn sql(context: &Context, code: &str, indicator: &Indicator, args: &CatalogArgs) -> Result<(), CliError> {
    let first = indicator.derivations.first().map_or("total", |derivation| derivation.breakdowns[0].as_str());
    let breakdown = args.by.as_deref().unwrap_or(if code.contains(':') { "total" } else { first });
    let one = |text: &str| Some(BTreeSet::from([text.to_owned()]));
    let request = Request {
        indicators: one(code),
        tiers: one(&args.tier),
        breakdowns: one(breakdown),
        ..Request::default()
    };
    let statements = IndicatorTable::sql(&context.definitions, &request);
    if statements.is_empty() {
        return Err(CliError::Usage(format!(
            "{code} has no value at tier {} broken down by {breakdown}",
            args.tier
        )));
    }
    for (index, statement) in statements.iter().enumerate() {
        if index > 0 {
            println!("\n-- or, where the statement above has no value:\n");
        }
        println!("{statement};");
    }
    Ok(())
}
