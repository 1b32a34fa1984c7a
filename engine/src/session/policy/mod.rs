//! Who asks, and what a session shows to them.
//!
//! A session for the ministry is the definer's: all tables, true values. Every other caller gets a catalog of its own
//! in which each object stands under a stated rule (`rules`); what has no rule is refused. Nothing here is decided by
//! SQL, by session settings or by definitions kept in a lake: the caller is computed once, from who signed in.
//!
//! Three sessions make one for a caller. The **definer's** sees everything and plans what `mart` shows and the rows of
//! tables (`rows`). The **inside** holds what follows from the caller's own rows: `staging`, `gov` and `meta` are planned
//! over secured tables there, so a view cannot show what its reader may not read. The **outside** is what statements
//! are planned in; it has the names that the rules give, and neither of the others can be named in it.

mod caller;
mod definer;
mod error;
mod mask;
mod rows;
mod rules;
mod schema;
mod secure;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::catalog::SchemaProvider;

pub use caller::{Caller, CallerError, Role, Unit};
pub use error::{NotAllowed, SealedError};

pub(super) use definer::Definer;
pub(super) use error::sealed;
pub(super) use schema::{Guard, Side};

use super::views::ViewSchema;
use schema::GuardedSchema;

/// The schemas of a catalog under the rules of a caller.
pub(super) fn guarded(
    whole: &BTreeMap<&'static str, Arc<ViewSchema>>,
    guard: &Arc<Guard>,
) -> BTreeMap<&'static str, Arc<dyn SchemaProvider>> {
    let guard_one =
        |(name, schema): (&&'static str, &Arc<ViewSchema>)| -> (&'static str, Arc<dyn SchemaProvider>) {
            (*name, Arc::new(GuardedSchema::new(name, Arc::clone(schema), Arc::clone(guard))))
        };
    whole.iter().map(guard_one).collect()
}
