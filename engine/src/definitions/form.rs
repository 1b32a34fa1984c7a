//! A form: the contract of one record type, parsed from `datasets/forms/*.toml`.
//!
//! The Arrow schema, the templates, the checks and the data dictionary all come from
//! here. Checking rows against a form is `intake`'s job.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use serde::Deserialize;

use super::assets::{DefinitionError, text};
use super::basis::{DataKind, LegalBasis};
use super::codes::CodeLists;
use super::field::{Field, FieldType, RawField};

/// Language of labels and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    #[default]
    En,
}

/// A text in the three languages.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Labels {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Kk => &self.kk,
            Lang::Ru => &self.ru,
            Lang::En => &self.en,
        }
    }
}

/// What a submission replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Exactly the scopes (year and `scope` columns) that the submission contains.
    Replace,
    /// The records with the same year and `key` columns.
    Upsert,
}

/// Who submits a form; the remit of the others follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The organisation itself, or a department that it is under.
    Organisation,
    /// A district, city or region department, for what lies in its territory.
    Authority,
    /// The ministry or an agency that it names.
    Ministry,
}

/// Whether a submission has to be signed by the head of its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// Unsigned data land and are not confirmed.
    #[default]
    Optional,
    /// Unsigned data are rejected.
    Required,
}

/// Which academic year the facts of reporting year Y belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcademicYearRule {
    /// The one that begins in autumn Y (stocks): 2024 is 2024/25.
    Begins,
    /// The one that ended in summer Y (results): 2024 is 2023/24.
    Ended,
}

/// Weight of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Recorded; the submission may land.
    Warning,
    /// The submission is rejected.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A check over one row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Rule code, for instance `V-PUP-02`.
    pub code: String,
    /// Error rejects the submission, warning is recorded.
    pub severity: Severity,
    /// Field the finding points at.
    pub field: String,
    /// SQL expression over the form's columns and `year`; the row breaks the rule when it is false
    /// (NULL passes: what is missing is judged by `required`).
    pub check: String,
    /// What is wrong and what to do.
    pub message: Labels,
}

/// The contract of one record type.
#[derive(Debug, Clone)]
pub struct Form {
    /// `S1.PUPIL`.
    pub code: String,
    /// Version of the form.
    pub version: i32,
    /// Source of paragraph 7 (`S1` .. `S12`), or `REG` for registers.
    pub source: String,
    /// Kind of its data; `None` in definitions that did not say it yet.
    pub data_kind: Option<DataKind>,
    /// Where the law asks for it; stated wherever the kind is.
    pub legal_basis: Option<LegalBasis>,
    /// System of `ref.source_system` that the data come from; stated wherever the kind is.
    pub source_system: Option<String>,
    /// Indices and headings by which a file says that it is a form of state statistical observation;
    /// only forms of administrative data refuse them.
    pub refused_titles: Vec<String>,
    /// Title.
    pub title: Labels,
    /// One line on what a row is.
    pub grain: String,
    /// Which academic year the facts belong to.
    pub academic_year: AcademicYearRule,
    /// What a submission replaces.
    pub mode: Mode,
    /// Columns that, with the year, make a scope.
    pub scope: Vec<String>,
    /// Columns that, with the year, identify a record.
    pub key: Vec<String>,
    /// Who submits.
    pub subject: Subject,
    /// Whether it must be signed.
    pub signature: Signing,
    /// Column that decides the region; `None` = not territorial (region 0).
    pub territory: Option<String>,
    /// Organisation types, or kinds of education authority, that owe the form; empty = who submits it is named
    /// by `subject` only.
    pub owed_by: Vec<String>,
    /// Month and day (`10-01`) as of which the data stand.
    pub due: Option<String>,
    /// First reporting year of the form.
    pub valid_from_year: i32,
    /// Columns, in order.
    pub fields: Vec<Field>,
    /// Checks over a row.
    pub rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    code: String,
    version: i32,
    source: String,
    data_kind: Option<DataKind>,
    legal_basis: Option<LegalBasis>,
    source_system: Option<String>,
    title: Labels,
    grain: String,
    academic_year: AcademicYearRule,
    mode: Mode,
    #[serde(default)]
    scope: Vec<String>,
    key: Vec<String>,
    subject: Subject,
    #[serde(default)]
    signature: Signing,
    territory: Option<String>,
    #[serde(default)]
    owed_by: Vec<String>,
    due: Option<String>,
    valid_from_year: i32,
    #[serde(default)]
    field: Vec<RawField>,
    #[serde(default)]
    rule: Vec<Rule>,
}

impl Form {
    /// Parse one form file and hold it against the code lists.
    pub(super) fn parse(path: &str, bytes: &[u8], codes: &CodeLists) -> Result<Self, DefinitionError> {
        let raw: RawForm = toml::from_str(text(path, bytes)?)
            .map_err(|source| DefinitionError::Toml { path: path.to_owned(), source: Box::new(source) })?;
        let bad = |message: String| DefinitionError::Inconsistent { path: path.to_owned(), message };
        let fields = raw
            .field
            .into_iter()
            .map(|field| field.into_field(codes).map_err(bad))
            .collect::<Result<Vec<_>, _>>()?;
        let form = Self {
            code: raw.code,
            version: raw.version,
            source: raw.source,
            data_kind: raw.data_kind,
            legal_basis: raw.legal_basis,
            source_system: raw.source_system,
            refused_titles: refused_titles(raw.data_kind, codes),
            title: raw.title,
            grain: raw.grain,
            academic_year: raw.academic_year,
            mode: raw.mode,
            scope: raw.scope,
            key: raw.key,
            subject: raw.subject,
            signature: raw.signature,
            territory: raw.territory,
            owed_by: raw.owed_by,
            due: raw.due,
            valid_from_year: raw.valid_from_year,
            fields,
            rules: raw.rule,
        };
        let named = form
            .scope
            .iter()
            .chain(&form.key)
            .chain(&form.territory)
            .chain(form.rules.iter().map(|rule| &rule.field));
        for column in named {
            if form.field(column).is_none() {
                return Err(bad(format!("names the column {column}, which is no field")));
            }
        }
        let owes = |kind: &String| {
            let lists = ["org_type", "authority_kind"].into_iter().filter_map(|list| codes.get(list));
            lists.flatten().any(|code| &code.code == kind)
        };
        if let Some(odd) = form.owed_by.iter().find(|kind| !owes(kind)) {
            return Err(bad(format!("is owed by {odd}, which is neither an org_type nor an authority_kind")));
        }
        let mut seen = BTreeSet::new();
        for field in &form.fields {
            if matches!(field.name.as_str(), "year" | "region" | "submission") || !seen.insert(&field.name) {
                return Err(bad(format!("field {} is reserved or named twice", field.name)));
            }
        }
        Ok(form)
    }

    /// Name of the table and view: `s1_pupil`.
    #[must_use]
    pub fn table(&self) -> String {
        self.code.to_lowercase().replace('.', "_")
    }

    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that says whose record a row is: `org_bin`, or the organisation that the scope names.
    #[must_use]
    pub fn organisation_field(&self) -> Option<&Field> {
        let is_bin = |field: &&Field| field.field_type == FieldType::Bin;
        let of_scope = || self.scope.iter().filter_map(|name| self.field(name)).find(is_bin);
        self.field("org_bin").filter(is_bin).or_else(of_scope)
    }

    /// Schema of validated rows: `year`, `region`, then the fields. `year` and `region` are never NULL.
    #[must_use]
    pub fn row_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.columns(false)))
    }

    /// Schema of the raw table: `year`, `region`, `submission`, then the fields.
    #[must_use]
    pub fn table_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.columns(true)))
    }

    fn columns(&self, with_submission: bool) -> Vec<ArrowField> {
        let mut columns = vec![
            ArrowField::new("year", DataType::Int32, false),
            ArrowField::new("region", DataType::Int32, false),
        ];
        if with_submission {
            columns.push(ArrowField::new("submission", DataType::Int64, true));
        }
        // Nullable throughout: requiredness is a rule of the form's version, not of the files.
        columns.extend(
            self.fields.iter().map(|field| ArrowField::new(&field.name, field.field_type.arrow(), true)),
        );
        columns
    }
}

/// The headings that a form of administrative data refuses, from the code list `statistical_form`.
fn refused_titles(kind: Option<DataKind>, codes: &CodeLists) -> Vec<String> {
    let listed = codes.get("statistical_form").filter(|_| kind == Some(DataKind::Administrative));
    listed.unwrap_or_default().iter().map(|code| code.code.clone()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn a_form_says_whether_it_must_be_signed() {
        let definitions = crate::definitions::Definitions::built_in().unwrap();
        let text = definitions.assets.text("datasets/forms/s1_org.toml").unwrap().to_owned();
        let parse = |text: &str| Form::parse("form", text.as_bytes(), &definitions.codes);
        assert_eq!(parse(&text).unwrap().signature, Signing::Optional);
        let signed = text.replacen("subject = ", "signature = \"required\"\nsubject = ", 1);
        assert_eq!(parse(&signed).unwrap().signature, Signing::Required);
        let odd = text.replacen("subject = ", "signature = \"perhaps\"\nsubject = ", 1);
        assert!(matches!(parse(&odd), Err(DefinitionError::Toml { .. })));
    }
}
