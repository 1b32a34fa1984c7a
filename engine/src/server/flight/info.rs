//! What the server says of itself: every key of `GetSqlInfo`, and the types of columns.
//!
//! Drivers ask for all keys and some fail on a missing one, so each is here.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_flight::error::FlightError;
use arrow_flight::sql::metadata::{
    SqlInfoData, SqlInfoDataBuilder, XdbcTypeInfo, XdbcTypeInfoData, XdbcTypeInfoDataBuilder,
};
use arrow_flight::sql::{
    CommandGetSqlInfo, CommandGetXdbcTypeInfo, Nullable, Searchable, SqlInfo, XdbcDataType,
    XdbcDatetimeSubcode,
};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use crate::config::ServerConfig;

/// Words that cannot be names without quotes.
const KEYWORDS: [&str; 32] = [
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "offset",
    "on",
];

const NUMERIC_FUNCTIONS: [&str; 18] = [
    "abs", "ceil", "exp", "floor", "greatest", "least", "ln", "log", "log10", "log2", "mod", "pi", "power",
    "random", "round", "sign", "sqrt", "trunc",
];

const STRING_FUNCTIONS: [&str; 20] = [
    "ascii",
    "btrim",
    "char_length",
    "chr",
    "concat",
    "concat_ws",
    "initcap",
    "left",
    "lower",
    "lpad",
    "ltrim",
    "octet_length",
    "position",
    "regexp_replace",
    "replace",
    "reverse",
    "right",
    "rpad",
    "split_part",
    "substr",
];

const SYSTEM_FUNCTIONS: [&str; 4] = ["arrow_typeof", "coalesce", "nullif", "version"];

const DATETIME_FUNCTIONS: [&str; 9] = [
    "current_date",
    "current_time",
    "date_bin",
    "date_part",
    "date_trunc",
    "extract",
    "make_date",
    "now",
    "to_timestamp",
];

/// Schema of the answer to `GetSqlInfo`.
pub fn server_schema() -> SchemaRef {
    Arc::new(SqlInfoDataBuilder::schema().clone())
}

/// What is asked of the server; nothing asked for is everything.
pub fn server(command: &CommandGetSqlInfo, config: &ServerConfig) -> Result<RecordBatch, FlightError> {
    command.clone().into_builder(&all(config)?).build()
}

#[expect(clippy::too_many_lines, reason = "a list of keys")]
fn all(config: &ServerConfig) -> Result<SqlInfoData, FlightError> {
    let mut info = SqlInfoDataBuilder::new();
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let unlimited = 0_i64;
    let milliseconds = i32::try_from(config.statement_timeout.as_millis()).unwrap_or(i32::MAX);
    let length = i64::try_from(config.statement.max_bytes).unwrap_or(i64::MAX);
    let texts = [
        (SqlInfo::FlightSqlServerName, "Bilim"),
        (SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION")),
        (SqlInfo::FlightSqlServerArrowVersion, datafusion::arrow::ARROW_VERSION),
        (SqlInfo::FlightSqlServerSubstraitMinVersion, ""),
        (SqlInfo::FlightSqlServerSubstraitMaxVersion, ""),
        (SqlInfo::SqlIdentifierQuoteChar, "\""),
        (SqlInfo::SqlSearchStringEscape, "\\"),
        (SqlInfo::SqlExtraNameCharacters, ""),
        (SqlInfo::SqlSchemaTerm, "schema"),
        (SqlInfo::SqlProcedureTerm, "procedure"),
        (SqlInfo::SqlCatalogTerm, "catalog"),
    ];
    for (key, value) in texts {
        info.append(key, value);
    }
    let switches = [
        // Statements read only; rows come in through submissions, which is said by the next but one.
        (SqlInfo::FlightSqlServerReadOnly, true),
        (SqlInfo::FlightSqlServerSql, true),
        (SqlInfo::FlightSqlServerSubstrait, false),
        (SqlInfo::FlightSqlServerCancel, true),
        (SqlInfo::FlightSqlServerBulkIngestion, true),
        (SqlInfo::FlightSqlServerIngestTransactionsSupported, false),
        (SqlInfo::SqlDdlCatalog, false),
        (SqlInfo::SqlDdlSchema, false),
        (SqlInfo::SqlDdlTable, false),
        (SqlInfo::SqlAllTablesAreSelectable, true),
        (SqlInfo::SqlSupportsColumnAliasing, true),
        (SqlInfo::SqlNullPlusNullIsNull, true),
        (SqlInfo::SqlSupportsTableCorrelationNames, true),
        (SqlInfo::SqlSupportsDifferentTableCorrelationNames, false),
        (SqlInfo::SqlSupportsExpressionsInOrderBy, true),
        (SqlInfo::SqlSupportsOrderByUnrelated, true),
        (SqlInfo::SqlSupportsLikeEscapeClause, true),
        (SqlInfo::SqlSupportsNonNullableColumns, true),
        (SqlInfo::SqlSupportsIntegrityEnhancementFacility, false),
        (SqlInfo::SqlCatalogAtStart, true),
        (SqlInfo::SqlSelectForUpdateSupported, false),
        (SqlInfo::SqlStoredProceduresSupported, false),
        (SqlInfo::SqlCorrelatedSubqueriesSupported, true),
        (SqlInfo::SqlMaxRowSizeIncludesBlobs, true),
        (SqlInfo::SqlTransactionsSupported, false),
        (SqlInfo::SqlDataDefinitionCausesTransactionCommit, false),
        (SqlInfo::SqlDataDefinitionsInTransactionsIgnored, false),
        (SqlInfo::SqlBatchUpdatesSupported, false),
        (SqlInfo::SqlSavepointsSupported, false),
        (SqlInfo::SqlNamedParametersSupported, false),
        (SqlInfo::SqlLocatorsUpdateCopy, false),
        (SqlInfo::SqlStoredFunctionsUsingCallSyntaxSupported, false),
    ];
    for (key, value) in switches {
        info.append(key, value);
    }
    let numbers = [
        // No transactions: a client that is told so commits nothing.
        (SqlInfo::FlightSqlServerTransaction, 0),
        (SqlInfo::FlightSqlServerStatementTimeout, milliseconds),
        (SqlInfo::FlightSqlServerTransactionTimeout, 0),
        // Names are lower case unless quoted; quoted ones are as written.
        (SqlInfo::SqlIdentifierCase, 3),
        (SqlInfo::SqlQuotedIdentifierCase, 1),
        // NULL sorts as the highest value.
        (SqlInfo::SqlNullOrdering, 0),
        // GROUP BY columns that are not selected, and expressions of them.
        (SqlInfo::SqlSupportedGroupBy, 0b11),
        // Minimum, core and extended grammar.
        (SqlInfo::SqlSupportedGrammar, 0b111),
        // ANSI-92 entry level.
        (SqlInfo::SqlAnsi92SupportedLevel, 0b1),
        // Full outer joins.
        (SqlInfo::SqlOuterJoinsSupportLevel, 2),
        (SqlInfo::SqlSchemasSupportedActions, 0),
        (SqlInfo::SqlCatalogsSupportedActions, 0),
        (SqlInfo::SqlSupportedPositionedCommands, 0),
        // In comparisons, EXISTS and IN; quantified ones are not planned in all positions.
        (SqlInfo::SqlSupportedSubqueries, 0b111),
        (SqlInfo::SqlSupportedUnions, 0b11),
        (SqlInfo::SqlDefaultTransactionIsolation, 0),
        (SqlInfo::SqlSupportedTransactionsIsolationLevels, 0),
        // Forward only.
        (SqlInfo::SqlSupportedResultSetTypes, 0b10),
        (SqlInfo::SqlSupportedConcurrenciesForResultSetUnspecified, 0),
        // Read only.
        (SqlInfo::SqlSupportedConcurrenciesForResultSetForwardOnly, 0b10),
        (SqlInfo::SqlSupportedConcurrenciesForResultSetScrollSensitive, 0),
        (SqlInfo::SqlSupportedConcurrenciesForResultSetScrollInsensitive, 0),
    ];
    for (key, value) in numbers {
        info.append(key, value);
    }
    let sizes = [
        (SqlInfo::SqlMaxBinaryLiteralLength, length),
        (SqlInfo::SqlMaxCharLiteralLength, length),
        (SqlInfo::SqlMaxColumnNameLength, unlimited),
        (SqlInfo::SqlMaxColumnsInGroupBy, unlimited),
        (SqlInfo::SqlMaxColumnsInIndex, unlimited),
        (SqlInfo::SqlMaxColumnsInOrderBy, unlimited),
        (SqlInfo::SqlMaxColumnsInSelect, unlimited),
        (SqlInfo::SqlMaxColumnsInTable, unlimited),
        (SqlInfo::SqlMaxConnections, i64::try_from(config.max_connections).unwrap_or(unlimited)),
        (SqlInfo::SqlMaxCursorNameLength, unlimited),
        (SqlInfo::SqlMaxIndexLength, unlimited),
        (SqlInfo::SqlDbSchemaNameLength, unlimited),
        (SqlInfo::SqlMaxProcedureNameLength, unlimited),
        (SqlInfo::SqlMaxCatalogNameLength, unlimited),
        (SqlInfo::SqlMaxRowSize, unlimited),
        (SqlInfo::SqlMaxStatementLength, length),
        (SqlInfo::SqlMaxStatements, unlimited),
        (SqlInfo::SqlMaxTableNameLength, unlimited),
        (SqlInfo::SqlMaxTablesInSelect, i64::try_from(config.statement.max_relations).unwrap_or(unlimited)),
        (SqlInfo::SqlMaxUsernameLength, unlimited),
    ];
    for (key, value) in sizes {
        info.append(key, value);
    }
    info.append(SqlInfo::SqlKeywords, list(&KEYWORDS));
    info.append(SqlInfo::SqlNumericFunctions, list(&NUMERIC_FUNCTIONS));
    info.append(SqlInfo::SqlStringFunctions, list(&STRING_FUNCTIONS));
    info.append(SqlInfo::SqlSystemFunctions, list(&SYSTEM_FUNCTIONS));
    info.append(SqlInfo::SqlDatetimeFunctions, list(&DATETIME_FUNCTIONS));
    info.append(SqlInfo::SqlSupportsConvert, BTreeMap::<i32, Vec<i32>>::new());
    info.build()
}

/// The number of DATE, which the protocol shares out to YEAR as well.
const SUBCODE_DATE: XdbcDatetimeSubcode = XdbcDatetimeSubcode::XdbcSubcodeYear;

/// A type of columns.
struct Type {
    name: &'static str,
    code: XdbcDataType,
    size: Option<i32>,
    quotes: Option<&'static str>,
    radix: Option<i32>,
    parameters: Option<&'static [&'static str]>,
    subcode: Option<XdbcDatetimeSubcode>,
}

fn all_types() -> Result<XdbcTypeInfoData, FlightError> {
    use XdbcDataType::{
        XdbcBigint, XdbcBit, XdbcDate, XdbcDecimal, XdbcDouble, XdbcInteger, XdbcInterval, XdbcReal,
        XdbcSmallint, XdbcTime, XdbcTimestamp, XdbcTinyint, XdbcVarbinary, XdbcVarchar,
    };
    let number = |name, data_type, size, radix| Type {
        name,
        code: data_type,
        size: Some(size),
        quotes: None,
        radix: Some(radix),
        parameters: None,
        subcode: None,
    };
    let literal = |name, data_type, size, quotes, subcode| Type {
        name,
        code: data_type,
        size,
        quotes: Some(quotes),
        radix: None,
        parameters: None,
        subcode,
    };
    let types = [
        Type { radix: None, ..number("BOOLEAN", XdbcBit, 1, 2) },
        number("TINYINT", XdbcTinyint, 3, 10),
        number("SMALLINT", XdbcSmallint, 5, 10),
        number("INTEGER", XdbcInteger, 10, 10),
        number("BIGINT", XdbcBigint, 19, 10),
        number("REAL", XdbcReal, 24, 2),
        number("DOUBLE", XdbcDouble, 53, 2),
        Type { parameters: Some(&["precision", "scale"]), ..number("DECIMAL", XdbcDecimal, 38, 10) },
        literal("VARCHAR", XdbcVarchar, None, "'", None),
        literal("VARBINARY", XdbcVarbinary, None, "x'", None),
        literal("DATE", XdbcDate, Some(10), "date '", Some(SUBCODE_DATE)),
        literal("TIME", XdbcTime, Some(15), "time '", Some(XdbcDatetimeSubcode::XdbcSubcodeTime)),
        literal(
            "TIMESTAMP",
            XdbcTimestamp,
            Some(29),
            "timestamp '",
            Some(XdbcDatetimeSubcode::XdbcSubcodeTimestamp),
        ),
        literal("INTERVAL", XdbcInterval, None, "interval '", None),
    ];
    let mut builder = XdbcTypeInfoDataBuilder::new();
    for each in types {
        let is_text = each.code == XdbcVarchar;
        let is_decimal = each.code == XdbcDecimal;
        builder.append(XdbcTypeInfo {
            type_name: each.name.to_owned(),
            data_type: each.code,
            column_size: each.size,
            literal_prefix: each.quotes.map(str::to_owned),
            literal_suffix: each.quotes.map(|_| "'".to_owned()),
            create_params: each.parameters.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            nullable: Nullable::NullabilityNullable,
            case_sensitive: is_text,
            searchable: if is_text { Searchable::Full } else { Searchable::Basic },
            unsigned_attribute: each.radix.map(|_| false),
            fixed_prec_scale: false,
            auto_increment: each.radix.map(|_| false),
            local_type_name: Some(each.name.to_owned()),
            minimum_scale: is_decimal.then_some(0),
            maximum_scale: is_decimal.then_some(38),
            sql_data_type: if each.subcode.is_some() { XdbcDataType::XdbcDatetime } else { each.code },
            datetime_subcode: each.subcode,
            num_prec_radix: each.radix,
            interval_precision: None,
        });
    }
    builder.build()
}

/// Schema of the answer to `GetXdbcTypeInfo`.
pub fn types_schema() -> SchemaRef {
    XdbcTypeInfoDataBuilder::new().schema()
}

/// The types of columns, or one of them.
pub fn types(command: CommandGetXdbcTypeInfo) -> Result<RecordBatch, FlightError> {
    let all = all_types()?;
    command.into_builder(&all).build()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::UInt32Type;

    #[test]
    fn every_key_is_answered_once() {
        let batch = server(&CommandGetSqlInfo { info: Vec::new() }, &ServerConfig::default()).unwrap();
        let keys: Vec<u32> = batch.column(0).as_primitive::<UInt32Type>().values().to_vec();
        let due: Vec<u32> = (0..=11).chain(100..=101).chain(500..=576).collect();
        assert_eq!(keys, due);
        assert_eq!(batch.schema(), server_schema());
    }

    #[test]
    fn one_type_can_be_asked_for() {
        let of = |data_type| {
            let command = CommandGetXdbcTypeInfo { data_type };
            command.into_builder(&all_types().unwrap()).build().unwrap()
        };
        assert_eq!(of(None).num_rows(), 14);
        assert_eq!(of(Some(XdbcDataType::XdbcBigint as i32)).num_rows(), 1);
        assert_eq!(of(None).schema(), types_schema());
    }
}
