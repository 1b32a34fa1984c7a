//! What a form rests on: the kind of its data, the paragraph of the law, the system it comes from.
//!
//! Which kind a source has is data (`datasets/reference/source.csv`). Definitions that lakes kept before forms
//! said so have none of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::assets::{Assets, DefinitionError};
use super::codes::rows;
use super::form::Form;

const SOURCES: &str = "datasets/reference/source.csv";
const ACTS: &str = "datasets/reference/legal_act.csv";
const SYSTEMS: &str = "datasets/reference/source_system.csv";

/// Source of the registers, which are no source of paragraph 7.
const REGISTER: &str = "REG";

/// Kind of the data of a form; those of sources are in `ref.source.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Quantitative or qualitative data on persons or organisations from administrative sources.
    Administrative,
    /// Published state statistics.
    Statistical,
    /// Answers to state statistical observations about a single respondent: refused everywhere.
    PrimaryStatistical,
    /// Results of an analysis.
    Analytical,
    /// Results of an assessment of persons.
    Assessment,
    /// Results of a study.
    Study,
    /// A register that the warehouse itself needs.
    Register,
}

impl DataKind {
    /// The spelling in forms and reference tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrative => "administrative",
            Self::Statistical => "statistical",
            Self::PrimaryStatistical => "primary_statistical",
            Self::Analytical => "analytical",
            Self::Assessment => "assessment",
            Self::Study => "study",
            Self::Register => "register",
        }
    }
}

/// Where the law asks for the data of a form; which edition is in force on a day is in `ref.legal_act`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Act of `ref.legal_act`.
    pub act: String,
    /// Paragraph.
    pub paragraph: String,
    /// Item of the paragraph, in order.
    pub item: Option<i32>,
}

/// The reference tables that forms are held against.
pub(super) struct Registers {
    kinds: BTreeMap<String, String>,
    acts: Vec<String>,
    systems: Vec<String>,
}

impl Registers {
    pub(super) fn parse(assets: &Assets) -> Result<Self, DefinitionError> {
        let column = |path: &str, name: &str| -> Result<Vec<String>, DefinitionError> {
            Ok(rows(assets, path)?.into_iter().filter_map(|mut row| row.remove(name)).collect())
        };
        let kinds = rows(assets, SOURCES)?
            .into_iter()
            .filter_map(|mut row| Some((row.remove("source")?, row.remove("kind")?)))
            .collect();
        Ok(Self { kinds, acts: column(ACTS, "act")?, systems: column(SYSTEMS, "code")? })
    }

    /// Hold a form against its source, its act and its system.
    pub(super) fn check(&self, form: &Form) -> Result<(), String> {
        let Some(kind) = form.data_kind else { return Ok(()) };
        if kind == DataKind::PrimaryStatistical {
            return Err(
                "is tagged primary_statistical: the Rules, paragraph 2, subparagraph 3, leave primary \
                        statistical data out; collect administrative data or load the published aggregate"
                    .to_owned(),
            );
        }
        let expected = match self.kinds.get(&form.source) {
            Some(expected) => expected,
            None if form.source == REGISTER => DataKind::Register.as_str(),
            None => return Err(format!("names the source {}, which {SOURCES} does not hold", form.source)),
        };
        if kind.as_str() != expected {
            let (source, kind) = (&form.source, kind.as_str());
            return Err(format!("has {kind} data, but the source {source} takes {expected} data only"));
        }
        match &form.legal_basis {
            None => return Err("does not state its legal basis".to_owned()),
            Some(basis) if !self.acts.contains(&basis.act) => {
                return Err(format!("rests on the act {}, which {ACTS} does not hold", basis.act));
            }
            Some(_) => {}
        }
        match &form.source_system {
            Some(system) if self.systems.contains(system) => Ok(()),
            Some(system) => Err(format!("names the system {system}, which {SYSTEMS} does not hold")),
            None => Err("does not name the system that its data come from".to_owned()),
        }
    }
}
