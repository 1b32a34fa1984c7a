//! After a landing: which events it brought into the data, for `gov.change`.

use super::Site;
use super::error::SubmissionError;
use crate::lake::{self, AsOf, Outcome, Receipt, Writer};
use crate::session;

/// Record the changes of submissions that have just landed in one lake version.
///
/// The rows come after the landing, in a lake version of their own: a crash between loses the record of
/// changes, never data.
///
/// # Errors
/// When the lake cannot be read or written.
pub async fn record(site: &Site<'_>, writer: &Writer, receipts: &[Receipt]) -> Result<(), SubmissionError> {
    let landed: Vec<&Receipt> = receipts
        .iter()
        .filter(|receipt| receipt.outcome == Outcome::Accepted && !receipt.is_repeat)
        .collect();
    let Some(version) = landed.first().map(|receipt| receipt.lake_version) else { return Ok(()) };
    let lake = writer.lake();
    let after = lake.snapshot(AsOf::Version(version)).await?;
    let before = lake.snapshot(AsOf::Version(version - 1)).await?;
    let ctx = site.session_over(&after)?;
    let mut rows = Vec::new();
    let mut forms: Vec<&str> = landed.iter().map(|receipt| receipt.form.as_str()).collect();
    forms.sort_unstable();
    forms.dedup();
    for code in forms {
        let Some(form) = site.definitions.form(code) else { continue };
        let of_form = landed.iter().filter(|receipt| receipt.form == code);
        let submissions: Vec<i64> = of_form.map(|receipt| receipt.submission).collect();
        for batch in session::changes(&ctx, form, &before, &submissions).await? {
            rows.push((lake::change(), batch));
        }
    }
    if rows.iter().any(|(_, batch)| batch.num_rows() > 0) {
        writer.record(rows).await?;
    }
    Ok(())
}
