//! What the tests of the Rules share: a country of a few organisations and its authorities, and answers of sessions.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;

use crate::support_cli::{Site, bin};
use bilim_domain::records::Form;

/// Authorities of the fixture `tiny`.
pub const MINISTRY: &str = "980140001003";
pub const AGENCY: &str = "980140002001";
pub const AKMOLA: &str = "980140003005";
pub const AKTOBE: &str = "980140004008";
pub const AKKOL: &str = "980140006004";

/// A file of the fixture.
pub fn fixture(name: &str) -> String {
    format!("{}/datasets/fixtures/tiny/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A lake with the register of authorities.
pub fn governed() -> Site {
    let site = Site::new();
    site.run(&["submit", &fixture("reg_authority.csv"), "--form", "REG.AUTHORITY", "--quiet"]).ended(0);
    site
}

/// Submit a file of the folder as a subject.
pub fn submit_as(site: &Site, form: Form, name: &str, subject: &str) -> crate::support_cli::Run {
    site.run(&["submit", name, "--form", form.code(), "--subject", subject])
}

/// The BIN of the `number`-th organisation.
pub fn org(number: usize) -> String {
    bin(number).to_string()
}

/// Rows of a statement as text, NULL as `-`.
pub async fn rows(ctx: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let frame = ctx.sql(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    for batch in Box::pin(frame.collect()).await.unwrap() {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| cast(column, &DataType::Utf8).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let cell = |column: &datafusion::arrow::array::ArrayRef| {
                if column.is_null(row) {
                    "-".to_owned()
                } else {
                    column.as_string::<i32>().value(row).to_owned()
                }
            };
            rows.push(columns.iter().map(cell).collect());
        }
    }
    rows
}

/// The one value of a statement.
pub async fn value(ctx: &SessionContext, sql: &str) -> String {
    let rows = rows(ctx, sql).await;
    assert_eq!((rows.len(), rows[0].len()), (1, 1), "{sql}: {rows:?}");
    rows[0][0].clone()
}
