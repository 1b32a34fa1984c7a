//! Definitions: everything that is data rather than code.
//!
//! Forms, code lists, reference tables, sources, indicators, views and canned queries
//! are files under `datasets/` and `sql/`. This module finds them (built into a release,
//! read from the checkout in development, or read back from a lake's `definitions/<hash>`)
//! and parses the forms. It does not plan SQL and knows neither files of a lake nor
//! versions.

mod assets;
mod basis;
mod codes;
mod field;
mod form;
mod indicator;
mod source;

pub use assets::{Assets, DefinitionError};
pub use basis::{DataKind, LegalBasis};
pub use codes::{Code, CodeLists};
pub use field::{Field, FieldType};
pub use form::{AcademicYearRule, Form, Labels, Lang, Mode, Rule, Severity, Signing, Subject};
pub use indicator::{Catalogue, DIMENSIONS, Derivation, Direction, Indicator, MeasureSet, Term, dims_of};
pub use source::{Source, SourceFinding, SourceLoad, SourceTable, SourceView, asset_path};

use std::sync::Arc;

use basis::Registers;

/// The parsed definitions of one lake version or of this build.
#[derive(Debug)]
pub struct Definitions {
    /// The files themselves.
    pub assets: Assets,
    /// Every form, ordered by code.
    pub forms: Vec<Arc<Form>>,
    /// Code lists of `datasets/reference/code.csv`.
    pub codes: CodeLists,
    /// Indicators and measure sets.
    pub catalogue: Catalogue,
    /// Published sources and their mappings, ordered by name.
    pub sources: Vec<Source>,
}

impl Definitions {
    /// Parse the built-in definitions (from the checkout in a development build).
    ///
    /// # Errors
    /// [`DefinitionError`] naming the file when one cannot be parsed.
    pub fn built_in() -> Result<Self, DefinitionError> {
        Self::from_assets(Assets::built_in())
    }

    /// Parse definitions from files already read.
    ///
    /// # Errors
    /// [`DefinitionError`] naming the file when one cannot be parsed.
    pub fn from_assets(assets: Assets) -> Result<Self, DefinitionError> {
        let codes = CodeLists::parse(&assets)?;
        let mut forms = Vec::new();
        let registers = Registers::parse(&assets)?;
        for (path, bytes) in assets.of_kind("datasets/forms/", "toml") {
            let form = Form::parse(path, bytes, &codes)?;
            registers
                .check(&form)
                .map_err(|message| DefinitionError::Inconsistent { path: path.to_owned(), message })?;
            forms.push(Arc::new(form));
        }
        let catalogue = Catalogue::parse(&assets)?;
        forms.sort_by(|a, b| a.code.cmp(&b.code));
        let sources = Source::parse_all(&assets, &forms)?;
        Ok(Self { assets, forms, codes, catalogue, sources })
    }

    /// The form with this code (`S1.PUPIL`), any letter case.
    #[must_use]
    pub fn form(&self, code: &str) -> Option<&Arc<Form>> {
        self.forms.iter().find(|form| form.code.eq_ignore_ascii_case(code))
    }
}
