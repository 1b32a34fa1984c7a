//! A field of a form: its type, how a cell of it is written and stored, its limits.

use datafusion::arrow::datatypes::DataType;
use serde::Deserialize;

use super::codes::CodeLists;
use super::form::Labels;

/// Type of a field: how a cell is written and how it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Business identification number, 12 digits; stored as Int64.
    Bin,
    /// Territory code, 9 digits; stored as Int32.
    Kato,
    /// 16 lower-case hex digits of a keyed hash; stored as Int64, two's complement.
    Pseudonym,
    /// Member of a code list; stored as Utf8.
    Code,
    /// Free text of at most so many characters; stored as Utf8.
    Text(usize),
    /// Int32.
    Integer,
    /// Int64.
    Long,
    /// Exact decimal (precision, scale).
    Decimal(u8, i8),
    /// Float64; for published values that are never summed.
    Number,
    /// `true`/`false` (also 1/0, yes/no, да/нет, иә/жоқ).
    Boolean,
    /// `yyyy-mm-dd` or `dd.mm.yyyy`; stored as Date32.
    Date,
    /// `yyyy-mm`; stored as Int32 yyyymm.
    YearMonth,
}

impl FieldType {
    /// Parse the spelling used in forms: `bin`, `text(80)`, `decimal(5,1)`, ...
    fn parse(text: &str) -> Option<Self> {
        let (name, arguments) = match text.split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')')?),
            None => (text, ""),
        };
        Some(match (name, arguments) {
            ("bin", "") => Self::Bin,
            ("kato", "") => Self::Kato,
            ("pseudonym", "") => Self::Pseudonym,
            ("code", "") => Self::Code,
            ("text", "") => Self::Text(500),
            ("text", length) => Self::Text(length.trim().parse().ok()?),
            ("integer", "") => Self::Integer,
            ("long", "") => Self::Long,
            ("number", "") => Self::Number,
            ("boolean", "") => Self::Boolean,
            ("date", "") => Self::Date,
            ("year_month", "") => Self::YearMonth,
            ("decimal", arguments) => {
                let (precision, scale) = arguments.split_once(',')?;
                Self::Decimal(precision.trim().parse().ok()?, scale.trim().parse().ok()?)
            }
            _ => return None,
        })
    }

    /// How a value of this type is stored.
    #[must_use]
    pub fn arrow(&self) -> DataType {
        match self {
            Self::Bin | Self::Pseudonym | Self::Long => DataType::Int64,
            Self::Kato | Self::Integer | Self::YearMonth => DataType::Int32,
            Self::Code | Self::Text(_) => DataType::Utf8,
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
        }
    }

    /// The spelling used in forms and in the data dictionary.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Bin => "bin".to_owned(),
            Self::Kato => "kato".to_owned(),
            Self::Pseudonym => "pseudonym".to_owned(),
            Self::Code => "code".to_owned(),
            Self::Text(length) => format!("text({length})"),
            Self::Integer => "integer".to_owned(),
            Self::Long => "long".to_owned(),
            Self::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
            Self::Number => "number".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::Date => "date".to_owned(),
            Self::YearMonth => "year_month".to_owned(),
        }
    }
}

/// One column of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Column name, the same in CSV, SQL and Parquet.
    pub name: String,
    /// Type.
    pub field_type: FieldType,
    /// An empty cell is a finding.
    pub is_required: bool,
    /// Smallest value, inclusive, in the field's unit.
    pub min: Option<f64>,
    /// Largest value, inclusive.
    pub max: Option<f64>,
    /// Code list of a `code` field.
    pub codes: Option<String>,
    /// The allowed codes: those of the list, or the subset the form names.
    pub members: Vec<String>,
    /// Unit of measure, where there is one.
    pub unit: Option<String>,
    /// Other column names accepted in submissions.
    pub aliases: Vec<String>,
    /// Label.
    pub label: Labels,
}

/// A field as the form's file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    name: String,
    r#type: String,
    #[serde(default)]
    required: bool,
    min: Option<f64>,
    max: Option<f64>,
    codes: Option<String>,
    #[serde(default)]
    members: Vec<String>,
    unit: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    kk: String,
    ru: String,
    en: String,
}

impl RawField {
    /// Hold the field against the code lists.
    pub(super) fn into_field(self, codes: &CodeLists) -> Result<Field, String> {
        let raw = self;
        let field_type = FieldType::parse(&raw.r#type)
            .ok_or_else(|| format!("field {} has the unknown type {}", raw.name, raw.r#type))?;
        let mut members = raw.members;
        if field_type == FieldType::Code {
            let list =
                raw.codes.as_deref().ok_or_else(|| format!("field {} names no code list", raw.name))?;
            if let Some(known) = codes.get(list) {
                if members.is_empty() {
                    members = known.iter().map(|code| code.code.clone()).collect();
                } else if let Some(odd) =
                    members.iter().find(|member| known.iter().all(|code| &code.code != *member))
                {
                    return Err(format!(
                        "field {} allows {odd}, which code list {list} does not hold",
                        raw.name
                    ));
                }
            } else {
                return Err(format!("field {} names the code list {list}, which does not exist", raw.name));
            }
        }
        Ok(Field {
            name: raw.name,
            field_type,
            is_required: raw.required,
            min: raw.min,
            max: raw.max,
            codes: raw.codes,
            members,
            unit: raw.unit,
            aliases: raw.aliases,
            label: Labels { kk: raw.kk, ru: raw.ru, en: raw.en },
        })
    }
}
