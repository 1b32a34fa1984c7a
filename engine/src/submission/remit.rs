//! What a subject of monitoring may do: an organisation for itself, a department for what is under it,
//! the ministry for everything, an agency for the forms that are the ministry's.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;

use super::error::SubmissionError;
use crate::definitions::{Form, Subject};
use crate::intake::Remit;
use crate::query::lookup;

/// An entry of the register of authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// `district_dept`, `region_dept`, `ministry` or `agency`.
    pub kind: String,
    /// Its territory.
    pub kato: i32,
}

/// The newest entry of a BIN in the register; `None` = no authority.
///
/// # Errors
/// When the lake cannot be read.
pub async fn authority(ctx: &SessionContext, bin: i64) -> Result<Option<Authority>, SubmissionError> {
    let sql =
        format!("select kind, kato from staging.reg_authority where bin = {bin} order by year desc limit 1");
    let found = lookup::rows(ctx, &sql).await?.into_iter().next();
    Ok(found.and_then(|row| {
        let mut cells = row.into_iter();
        let kind = cells.next().flatten()?;
        let kato = cells.next().flatten().and_then(|kato| kato.parse().ok()).unwrap_or(0);
        Some(Authority { kind, kato })
    }))
}

/// What a subject may submit of a form.
///
/// # Errors
/// [`SubmissionError::NotAllowed`] when the form is not for its kind.
pub async fn of_subject(ctx: &SessionContext, form: &Form, bin: i64) -> Result<Remit, SubmissionError> {
    let authority = authority(ctx, bin).await?;
    match (authority, form.subject) {
        (Some(authority), _) if authority.kind == "ministry" => Ok(Remit::Everything),
        (Some(authority), Subject::Ministry) if authority.kind == "agency" => Ok(Remit::Everything),
        (Some(authority), Subject::Organisation | Subject::Authority) if authority.kind != "agency" => {
            Ok(Remit::Territories(BTreeSet::from([authority.kato])))
        }
        (None, Subject::Organisation) => Ok(Remit::Organisations(BTreeSet::from([bin]))),
        _ => Err(SubmissionError::NotAllowed(format!("{bin:012} may not submit the form {}", form.code))),
    }
}
