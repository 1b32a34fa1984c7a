//! The caller: a name, a role and the unit that the role is for.

use std::fmt;
use std::str::FromStr;

use bilim_domain::ids::{Bin, Kato};
use bilim_domain::pseudonym::PseudonymKey;

use crate::config::Audience;

/// What somebody is to the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The ministry, and whoever has the lake itself: everything, true values.
    Ministry,
    /// A department of a region: records of its region.
    Region,
    /// A department of a district: records of its district.
    District,
    /// An organisation: its own records.
    Organisation,
    /// A researcher: records of the country, or of one region or district, with pseudonyms of the caller's own.
    Researcher,
    /// Everybody: aggregates after disclosure control.
    Public,
}

impl Role {
    /// Every role, the widest first.
    pub const ALL: [Self; 6] =
        [Self::Ministry, Self::Region, Self::District, Self::Organisation, Self::Researcher, Self::Public];

    /// As it is written on the command line, in tokens and in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Region => "region",
            Self::District => "district",
            Self::Organisation => "organisation",
            Self::Researcher => "researcher",
            Self::Public => "public",
        }
    }

    /// Small cells are hidden from it.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Researcher | Self::Public => Audience::Public,
            Self::Ministry | Self::Region | Self::District | Self::Organisation => Audience::Ministry,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = CallerError;

    fn from_str(text: &str) -> Result<Self, CallerError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| CallerError::UnknownRole { role: text.to_owned() })
    }
}

/// What a role is for: a region, a district, an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A region, by its KATO code.
    Region(Kato),
    /// A district, or a city under a region, by its KATO code.
    District(Kato),
    /// An organisation.
    Organisation(Bin),
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(kato) | Self::District(kato) => fmt::Display::fmt(kato, f),
            Self::Organisation(bin) => fmt::Display::fmt(bin, f),
        }
    }
}

/// Somebody who asks, known by what was verified when they signed in.
///
/// Role and unit fit each other by construction: there is no district department without a district.
#[derive(Debug, Clone)]
pub struct Caller {
    name: String,
    role: Role,
    scope: Option<Unit>,
    mask: Option<PseudonymKey>,
}

// The key is the warehouse's: it does not make another caller.
impl PartialEq for Caller {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.role, self.scope) == (&other.name, other.role, other.scope)
    }
}

impl Eq for Caller {}

impl std::hash::Hash for Caller {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.name, self.role, self.scope).hash(state);
    }
}

/// A caller that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallerError {
    /// No such role.
    #[error("{role:?} is none of ministry, region, district, organisation, researcher, public")]
    UnknownRole {
        /// As written.
        role: String,
    },
    /// The role is for a unit and none was given.
    #[error("the role {role} needs the code of its {unit}")]
    NeedsScope {
        /// Role.
        role: Role,
        /// What kind of unit.
        unit: &'static str,
    },
    /// The role is for everything.
    #[error("the role {role} takes no code of a unit")]
    TakesNoScope {
        /// Role.
        role: Role,
    },
    /// The code is not of such a unit.
    #[error("{code:?} is no code of {unit}")]
    NoSuchUnit {
        /// As written.
        code: String,
        /// What kind of unit.
        unit: &'static str,
    },
}

impl Caller {
    /// A caller of a role; `scope` is a KATO code of nine digits (of a region its two first are enough) or a BIN.
    ///
    /// # Errors
    /// [`CallerError`] when role and code do not fit each other.
    pub fn new(name: &str, role: Role, scope: Option<&str>) -> Result<Self, CallerError> {
        let needs = |unit| CallerError::NeedsScope { role, unit };
        let scope = match (role, scope) {
            (Role::Ministry | Role::Public, Some(_)) => return Err(CallerError::TakesNoScope { role }),
            (Role::Ministry | Role::Public | Role::Researcher, None) => None,
            (Role::Region, code) => Some(region(code.ok_or_else(|| needs("region"))?)?),
            (Role::District, code) => Some(district(code.ok_or_else(|| needs("district"))?)?),
            (Role::Organisation, code) => Some(organisation(code.ok_or_else(|| needs("organisation"))?)?),
            (Role::Researcher, Some(code)) => Some(region(code).or_else(|_| district(code))?),
        };
        Ok(Self { name: name.to_owned(), role, scope, mask: None })
    }

    /// With the warehouse's key for masks; a researcher without one sees no pseudonyms at all.
    #[must_use]
    pub fn with_mask(self, key: PseudonymKey) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// Whoever runs the program on the lake itself: the ministry, or, asked to show what the public sees, the public.
    #[must_use]
    pub fn embedded(audience: Audience) -> Self {
        let role = match audience {
            Audience::Ministry => Role::Ministry,
            Audience::Public => Role::Public,
        };
        Self { name: "embedded".to_owned(), role, scope: None, mask: None }
    }

    /// Under which name it signed in; masks of researchers are keyed by it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The unit that the role is for; `None` = the country.
    #[must_use]
    pub const fn scope(&self) -> Option<Unit> {
        self.scope
    }

    /// The key of masks.
    pub(in crate::session) const fn mask(&self) -> Option<&PseudonymKey> {
        self.mask.as_ref()
    }

    /// May it see how a statement is planned? Measurements of a run (`ANALYZE`) and details (`VERBOSE`) are the
    /// ministry's alone.
    #[must_use]
    pub const fn may_explain(&self) -> bool {
        !matches!(self.role, Role::Public)
    }
}

fn region(code: &str) -> Result<Unit, CallerError> {
    let nine = if code.len() == 2 { format!("{code}0000000") } else { code.to_owned() };
    let kato = nine.parse::<Kato>().ok().filter(|kato| kato.is_region());
    kato.map(Unit::Region).ok_or_else(|| CallerError::NoSuchUnit { code: code.to_owned(), unit: "a region" })
}

fn district(code: &str) -> Result<Unit, CallerError> {
    let kato = code.parse::<Kato>().ok().filter(|kato| !kato.is_region());
    kato.map(Unit::District)
        .ok_or_else(|| CallerError::NoSuchUnit { code: code.to_owned(), unit: "a district" })
}

fn organisation(code: &str) -> Result<Unit, CallerError> {
    let bin = code.parse::<Bin>().ok();
    bin.map(Unit::Organisation)
        .ok_or_else(|| CallerError::NoSuchUnit { code: code.to_owned(), unit: "an organisation" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    #[test]
    fn role_and_scope_fit_each_other() {
        let scope = |role, code| {
            Caller::new("a", role, code).map(|caller| caller.scope().map(|unit| unit.to_string()))
        };
        assert_eq!(scope(Role::Region, Some("11")), Ok(Some("110000000".to_owned())));
        assert_eq!(scope(Role::Region, Some("110000000")), Ok(Some("110000000".to_owned())));
        assert_eq!(scope(Role::District, Some("113200000")), Ok(Some("113200000".to_owned())));
        assert_eq!(scope(Role::Researcher, None), Ok(None));
        assert_eq!(scope(Role::Researcher, Some("11")), Ok(Some("110000000".to_owned())));
        assert_eq!(scope(Role::Researcher, Some("113200000")), Ok(Some("113200000".to_owned())));
        assert_eq!(
            scope(Role::Region, None),
            Err(CallerError::NeedsScope { role: Role::Region, unit: "region" })
        );
        assert_eq!(scope(Role::Public, Some("11")), Err(CallerError::TakesNoScope { role: Role::Public }));
        assert_eq!(
            scope(Role::Ministry, Some("11")),
            Err(CallerError::TakesNoScope { role: Role::Ministry })
        );
        let no_such = |code: &str, unit| Err(CallerError::NoSuchUnit { code: code.to_owned(), unit });
        assert_eq!(scope(Role::Region, Some("113200000")), no_such("113200000", "a region"));
        assert_eq!(scope(Role::District, Some("110000000")), no_such("110000000", "a district"));
        assert_eq!(scope(Role::District, Some("1' or '1'='1")), no_such("1' or '1'='1", "a district"));
        assert_eq!(
            scope(Role::Organisation, Some("123456789012")),
            no_such("123456789012", "an organisation")
        );
    }

    #[test]
    fn roles_are_read_as_they_are_written() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>(), Ok(role));
        }
        assert!("admin".parse::<Role>().is_err());
    }
}
