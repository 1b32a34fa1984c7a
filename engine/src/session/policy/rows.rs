//! Which rows of a table a caller sees, as statements of the definer's.
//!
//! Codes of the caller's unit are numbers by type, so nothing that somebody wrote enters a statement.

use super::caller::{Caller, Role, Unit};
use crate::definitions::Form;

/// Where the organisation of a caller stands: the codes of its regions, two digits each.
pub(super) type Regions = [i32];

/// The condition for rows of a form's table; `None` = the form says nothing by which they could be judged.
///
/// Of a region the partition decides, so that no file of another region is opened.
pub(super) fn of_form(form: &Form, caller: &Caller) -> Option<String> {
    match (caller.role(), caller.scope()) {
        (Role::Ministry, _) | (Role::Researcher, None) => Some("true".to_owned()),
        (Role::Public, _) | (_, None) => None,
        (_, Some(Unit::Region(kato))) => {
            form.territory.as_ref().map(|_| format!("region = {}", kato.region()))
        }
        (_, Some(Unit::District(kato))) => {
            let territory = form.territory.as_ref()?;
            Some(format!("region = {} and \"{territory}\" = {kato}", kato.region()))
        }
        (_, Some(Unit::Organisation(bin))) => {
            let field = form.organisation_field()?;
            Some(format!("\"{}\" = {}", field.name, i64::from(bin)))
        }
    }
}

/// The statement for a table of the ledger or of `meta`; `None` = no rows.
pub(super) fn of_ledger(object: &str, caller: &Caller) -> Option<String> {
    let unit = caller.scope().filter(|_| is_staff(caller.role()))?;
    let own = own_scope(unit);
    let by_submission = |table: &str| {
        format!(
            "select * from {table} where submission in (select submission from ({}) seen where is_own_file)",
            submissions(unit)
        )
    };
    Some(match object {
        "gov.submission" => {
            let masked = [
                "file_name",
                "content_sha256",
                "row_count",
                "superseded_row_count",
                "error_count",
                "warning_count",
            ];
            let column = |name: &str| {
                if masked.contains(&name) {
                    format!("case when v.is_own_file then s.{name} end as {name}")
                } else {
                    format!("s.{name}")
                }
            };
            let columns = [
                "submission",
                "form",
                "year",
                "file_name",
                "content_sha256",
                "subject_bin",
                "submitted_at",
                "outcome",
                "row_count",
                "superseded_row_count",
                "error_count",
                "warning_count",
                "lake_version",
                "definitions",
                "source_system",
            ];
            format!(
                "select {} from gov.submission s join ({}) v on v.submission = s.submission",
                columns.map(column).join(", "),
                submissions(unit)
            )
        }
        "gov.scope" | "gov.change" => format!("select * from {object} where {own}"),
        "gov.finding" | "gov.confirmation_event" | "gov.decision" => by_submission(object),
        // The hash is that of everything, the ledger counts what everybody sent.
        "meta.lake_version" => {
            "select lake_version, created_at, cast(null as varchar) as sha256, definitions, \
                                cast(null as bigint) as ledger from meta.lake_version"
                .to_owned()
        }
        _ => return None,
    })
}

/// The condition for rows of `gov.scope` and `gov.change`.
fn own_scope(unit: Unit) -> String {
    match unit {
        Unit::Region(kato) => format!("region = {}", kato.region()),
        Unit::District(kato) => format!("region = {} and district = {kato}", kato.region()),
        Unit::Organisation(bin) => format!("org_bin = {}", i64::from(bin)),
    }
}

/// Submissions that a unit knows of: `submission, is_own_file`.
///
/// Those that brought rows of its scope, and those that a subject within it sent. Of a file that somebody else sent it
/// knows that it was there, but neither how large it was nor what was found in it: that would tell whether rows of
/// others were in it too.
fn submissions(unit: Unit) -> String {
    let own = own_scope(unit);
    let subjects = match unit {
        Unit::Region(kato) => {
            subjects_of(&format!("region = {}", kato.region()), &format!("region = {}", kato.region()))
        }
        Unit::District(kato) => {
            let region = kato.region();
            subjects_of(
                &format!("region = {region} and district = {kato}"),
                &format!("region = {region} and kato = {kato}"),
            )
        }
        Unit::Organisation(bin) => format!("select cast({} as bigint) as bin", i64::from(bin)),
    };
    format!(
        "select submission, max(sent) = 1 as is_own_file from (\
         select submission, 0 as sent from gov.scope where {own} \
         union all \
         select submission, 1 as sent from gov.submission where subject_bin in ({subjects})\
         ) known group by submission"
    )
}

fn subjects_of(organisations: &str, departments: &str) -> String {
    format!(
        "select org_bin as bin from raw.s1_org where {organisations} \
         union select bin from raw.reg_authority where {departments}"
    )
}

/// The condition for rows of `mart`, by the columns that a view has; `None` = it has no units.
///
/// Everybody sees the international tier, the republic and every region. Departments of a region see its districts
/// and organisations; those of a district see the districts of their region and the organisations of their own;
/// an organisation sees the districts of its region, and of organisations itself.
pub(super) fn of_units(caller: &Caller, regions: &Regions, columns: &[&str]) -> Option<String> {
    let has = |name: &str| columns.contains(&name);
    if !has("tier") || !has("geo_code") {
        return None;
    }
    let above = "tier in ('international', 'republic', 'region')";
    let unit = caller.scope().filter(|_| is_staff(caller.role()))?;
    let lists: Vec<String> = match unit {
        Unit::Region(kato) | Unit::District(kato) => vec![format!("'{}'", kato.region())],
        Unit::Organisation(_) => regions.iter().map(|region| format!("'{region}'")).collect(),
    };
    // An empty list is not SQL; no region has the empty code.
    let own_regions = if lists.is_empty() { "''".to_owned() } else { lists.join(", ") };
    let districts = format!("tier = 'district' and substr(geo_code, 1, 2) in ({own_regions})");
    let organisations = match unit {
        Unit::Region(kato) if has("parent_code") => {
            format!("tier = 'organisation' and substr(parent_code, 1, 2) = '{}'", kato.region())
        }
        Unit::District(kato) if has("parent_code") => {
            format!("tier = 'organisation' and parent_code = '{kato}'")
        }
        // Without the parent it is not known whose they are.
        Unit::Region(_) | Unit::District(_) => "false".to_owned(),
        Unit::Organisation(bin) => format!("tier = 'organisation' and geo_code = '{bin}'"),
    };
    let mut visible = format!("({above} or ({districts}) or ({organisations}))");
    // A group of a decomposition is a unit below the row's own.
    if has("factor") {
        let members = format!("(factor <> 'district' or substr(geo_code, 1, 2) in ({own_regions}))");
        visible = format!("{visible} and {members}");
    }
    Some(visible)
}

/// Columns of `mart` that name what others sent.
pub(super) const OF_OTHERS: [&str; 2] = ["submissions", "submission_count"];

fn is_staff(role: Role) -> bool {
    matches!(role, Role::Region | Role::District | Role::Organisation)
}

/// The statement that says where an organisation stands.
pub(super) fn regions_of(caller: &Caller) -> Option<String> {
    match caller.scope() {
        Some(Unit::Organisation(bin)) if is_staff(caller.role()) => Some(format!(
            "select distinct region from raw.s1_org where org_bin = {} order by region",
            i64::from(bin)
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn caller(role: Role, scope: &str) -> Caller {
        Caller::new("test", role, Some(scope)).unwrap()
    }

    #[test]
    fn units_are_those_of_the_rule() {
        let columns = ["tier", "geo_code", "parent_code"];
        let region = of_units(&caller(Role::Region, "11"), &[], &columns).unwrap();
        assert!(region.contains("substr(geo_code, 1, 2) in ('11')"), "{region}");
        assert!(region.contains("substr(parent_code, 1, 2) = '11'"), "{region}");
        let district = of_units(&caller(Role::District, "113200000"), &[], &columns).unwrap();
        assert!(district.contains("tier = 'organisation' and parent_code = '113200000'"), "{district}");
        // Without the parent's code no organisation is shown.
        let district = of_units(&caller(Role::District, "113200000"), &[], &["tier", "geo_code"]).unwrap();
        assert!(!district.contains("organisation'"), "{district}");
        let lost = of_units(&caller(Role::Organisation, "990140001005"), &[], &columns).unwrap();
        assert!(lost.contains("in ('')") && lost.contains("geo_code = '990140001005'"), "{lost}");
        assert_eq!(of_units(&caller(Role::Region, "11"), &[], &["indicator", "tier"]), None);
        assert_eq!(of_units(&Caller::new("r", Role::Researcher, None).unwrap(), &[], &columns), None);
    }

    #[test]
    fn a_form_that_says_nothing_of_units_has_no_rows_for_them() {
        let definitions = crate::definitions::Definitions::built_in().unwrap();
        let of = |code: &str, caller: &Caller| of_form(definitions.form(code).unwrap(), caller);
        let district = caller(Role::District, "113200000");
        assert_eq!(of("S1.PUPIL", &district).unwrap(), "region = 11 and \"district\" = 113200000");
        assert_eq!(of("S2.AGG", &caller(Role::Region, "11")).unwrap(), "region = 11");
        assert_eq!(of("S10.OBS", &caller(Role::Region, "11")), None);
        let school = caller(Role::Organisation, "990140001005");
        assert_eq!(of("S1.PUPIL", &school).unwrap(), "\"org_bin\" = 990140001005");
        assert_eq!(of("S1.METHDAY", &school).unwrap(), "\"organiser_bin\" = 990140001005");
        assert_eq!(of("S2.AGG", &school), None);
        assert_eq!(of("S1.PUPIL", &Caller::new("p", Role::Public, None).unwrap()), None);
        assert_eq!(of("S10.OBS", &Caller::new("r", Role::Researcher, None).unwrap()).unwrap(), "true");
    }
}
