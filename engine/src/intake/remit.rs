//! What a submitter may submit.

use std::collections::BTreeSet;

use crate::definitions::{Field, Form};

/// Rows that a submitter may submit.
#[derive(Debug, Clone, Default)]
pub enum Remit {
    /// Every row: the ministry, an agency for its own forms, or no check.
    #[default]
    Everything,
    /// Rows of these organisations, by BIN.
    Organisations(BTreeSet<i64>),
    /// Rows of these territories: districts, or regions with all that lies in them, by KATO code.
    Territories(BTreeSet<i32>),
}

impl Remit {
    /// The field that decides whether a row lies in the remit; `None` when the form has none.
    pub(super) fn field<'a>(&self, form: &'a Form) -> Option<&'a Field> {
        match self {
            Self::Everything => None,
            Self::Organisations(_) => form.organisation_field(),
            Self::Territories(_) => form.territory.as_deref().and_then(|name| form.field(name)),
        }
    }

    /// Whether the form says nothing by which a bounded remit could be judged.
    pub(super) fn is_unanswerable(&self, form: &Form) -> bool {
        !matches!(self, Self::Everything) && self.field(form).is_none()
    }

    /// Whether an organisation is in the remit.
    pub(super) fn holds_organisation(&self, bin: i64) -> bool {
        match self {
            Self::Organisations(bins) => bins.contains(&bin),
            _ => true,
        }
    }

    /// Whether a territory is in the remit.
    pub(super) fn holds_territory(&self, kato: i32) -> bool {
        match self {
            Self::Territories(codes) => {
                codes.contains(&kato) || codes.contains(&(kato / 10_000_000 * 10_000_000))
            }
            _ => true,
        }
    }
}
