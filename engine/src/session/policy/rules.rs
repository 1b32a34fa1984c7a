//! What each role sees of each object. What is not stated here is not shown.
//!
//! The rules are compiled in and not read from a lake: an old lake version or an archive is seen by the rules of today.

use super::caller::Role;

/// In which way an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Not at all.
    Nothing,
    /// As it is: facts of the definitions, the same in every lake.
    AsIs,
    /// The view over what the caller itself may read: computed from its rows alone.
    Own,
    /// Rows of the caller's scope, masked for researchers.
    Scoped,
    /// Computed over all data; the rows of the tiers and units that the role sees.
    Units,
    /// Computed over all data; every row.
    Whole,
}

use Right::{AsIs, Nothing, Own, Scoped, Units, Whole};

/// Rights of (regions and districts, organisations, researchers, the public).
type Rights = [Right; 4];

/// The departments and organisations see what follows from their own records; nobody else sees single records of it.
const OF_STAFF: Rights = [Own, Own, Nothing, Nothing];
/// Computed at the grain of units above the organisation: over the records of one it would say something else.
const OF_DEPARTMENTS: Rights = [Own, Nothing, Whole, Whole];
/// The same for everybody.
const OF_ALL: Rights = [Whole, Whole, Whole, Whole];
/// Rows by tier and unit. Researchers and the public see every unit, after disclosure control.
const BY_UNIT: Rights = [Units, Units, Whole, Whole];

/// Objects of `gov`, `mart`, `meta` and the views of `ref`; `raw`, `staging` and `measures` follow from their schema.
const RULES: &[(&str, Rights)] = &[
    // Views of reference facts over nothing but reference facts.
    ("ref.boundary", [Own; 4]),
    ("ref.country_unit", [Own; 4]),
    ("ref.geo_vintage", [Own; 4]),
    ("ref.geo_year", [Own; 4]),
    ("ref.indicator_epoch", [Own; 4]),
    ("ref.org_type", [Own; 4]),
    ("ref.rating_scenario", [Own; 4]),
    ("ref.vintage", [Own; 4]),
    ("ref.working_day", [Own; 4]),
    ("ref.year", [Own; 4]),
    // Parameters are law: their changes are announced.
    ("ref.parameter", OF_ALL),
    ("ref.parameter_latest", OF_ALL),
    ("ref.parameter_year", OF_ALL),
    // The register is public; who reports for some organisations works with those.
    ("ref.organisation", [Own, Own, Whole, Whole]),
    // The ledger.
    ("gov.submission", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.finding", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.scope", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.confirmation_event", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.change", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.decision", [Scoped, Scoped, Nothing, Nothing]),
    ("gov.parameter_change", OF_ALL),
    ("gov.publication", OF_ALL),
    ("gov.publication_due", [Nothing, Nothing, Whole, Whole]),
    // What follows from it.
    ("gov.completeness", OF_DEPARTMENTS),
    ("gov.confirmation", OF_STAFF),
    ("gov.conflict", OF_STAFF),
    ("gov.counted_day", OF_ALL),
    ("gov.department", OF_DEPARTMENTS),
    ("gov.form_due", OF_ALL),
    ("gov.freeze", [Nothing, Nothing, Whole, Whole]),
    ("gov.freeze_conformance", [Nothing, Nothing, Whole, Whole]),
    ("gov.holder", OF_STAFF),
    ("gov.last_decision", OF_STAFF),
    ("gov.missing", OF_STAFF),
    ("gov.obligation", OF_STAFF),
    ("gov.obligation_due", OF_STAFF),
    ("gov.obligation_level", OF_STAFF),
    ("gov.register", OF_STAFF),
    ("gov.reported", OF_STAFF),
    ("gov.reported_by_subject", OF_STAFF),
    ("gov.scope_state", OF_STAFF),
    ("gov.subject", OF_STAFF),
    ("gov.submission_day", OF_STAFF),
    ("gov.submission_state", OF_STAFF),
    ("gov.suspension", OF_ALL),
    ("gov.timeliness", OF_STAFF),
    ("gov.update_lag", OF_STAFF),
    // Indicators and what stands on them.
    ("mart.indicator", BY_UNIT),
    ("mart.indicator_edition", BY_UNIT),
    ("mart.indicator_vintage", BY_UNIT),
    ("mart.indicator_wide", BY_UNIT),
    ("mart.territory_profile", BY_UNIT),
    ("mart.series", BY_UNIT),
    ("mart.span", BY_UNIT),
    ("mart.trend", BY_UNIT),
    ("mart.dynamics", BY_UNIT),
    ("mart.decomposition", BY_UNIT),
    ("mart.ranking", BY_UNIT),
    ("mart.rating", BY_UNIT),
    ("mart.rating_component", BY_UNIT),
    ("mart.rating_scenario", BY_UNIT),
    ("mart.rating_sensitivity", [Nothing, Nothing, Whole, Whole]),
    ("mart.forecast", BY_UNIT),
    ("mart.forecast_coverage", [Nothing, Nothing, Whole, Whole]),
    ("mart.enrolment_forecast", BY_UNIT),
    ("mart.comparison", BY_UNIT),
    ("mart.revision", BY_UNIT),
    ("mart.confirmation", BY_UNIT),
    // Of records, before small cells are hidden.
    ("mart.distribution", [Units, Units, Nothing, Nothing]),
    ("mart.peer_group", [Units, Units, Nothing, Nothing]),
    ("mart.peer_ranking", [Units, Units, Nothing, Nothing]),
    // What the session reads.
    ("meta.view", [AsIs; 4]),
    ("meta.lake_version", [Scoped, Scoped, Whole, Whole]),
    ("meta.version", [Nothing, Nothing, Whole, Whole]),
    ("meta.lineage", OF_STAFF),
];

/// The right of a role to an object; `is_static` for a table that is made from the definitions.
pub(super) fn right(role: Role, schema: &str, name: &str, is_static: bool) -> Right {
    let column = match role {
        Role::Ministry => return Whole,
        Role::Region | Role::District => 0,
        Role::Organisation => 1,
        Role::Researcher => 2,
        Role::Public => 3,
    };
    match schema {
        "raw" if role != Role::Public => Scoped,
        "staging" if role != Role::Public => Own,
        "ref" if is_static => AsIs,
        "ref" | "gov" | "mart" | "meta" => {
            let object = format!("{schema}.{name}");
            RULES.iter().find(|(stated, _)| *stated == object).map_or(Nothing, |(_, rights)| rights[column])
        }
        _ => Nothing,
    }
}

/// The right of the views that are computed over a caller's own rows: no object is refused to them, but a table
/// without a stated rule has no rows there.
pub(super) fn right_inside(role: Role, schema: &str, name: &str, is_static: bool, is_view: bool) -> Right {
    match right(role, schema, name, is_static) {
        Nothing if is_view && schema != "mart" => Own,
        Nothing => Scoped,
        stated => stated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stated_is_not_shown() {
        for role in [Role::Region, Role::District, Role::Organisation, Role::Researcher, Role::Public] {
            for (schema, name) in [
                ("measures", "enrolment"),
                ("mart", "rating_input"),
                ("gov", "notice"),
                ("gov", "freeze_event"),
                ("gov", "anomaly"),
                ("ref", "unit_weight"),
                ("meta", "of_tomorrow"),
                ("of_tomorrow", "table"),
            ] {
                assert_eq!(right(role, schema, name, false), Nothing, "{schema}.{name} for {role}");
            }
        }
        for (schema, name) in
            [("raw", "s1_pupil"), ("staging", "s1_pupil"), ("gov", "finding"), ("gov", "submission")]
        {
            assert_eq!(right(Role::Public, schema, name, false), Nothing, "{schema}.{name}");
        }
        assert_eq!(right(Role::Researcher, "gov", "finding", false), Nothing);
        assert_eq!(right(Role::Ministry, "of_tomorrow", "table", false), Whole);
    }

    #[test]
    fn no_object_is_stated_twice() {
        let mut names: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let stated = names.len();
        names.dedup();
        assert_eq!(names.len(), stated);
    }
}
