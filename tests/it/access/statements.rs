//! Statements made by a seed: what somebody would write who wants to know what is hidden.

use datafusion::arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;

/// A table and its columns.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub columns: Vec<(String, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Text,
    Other,
}

/// The tables of these schemas, as a session shows them.
pub async fn tables(ctx: &SessionContext, names: &[String]) -> Vec<Table> {
    let mut tables = Vec::new();
    for name in names {
        let provider = ctx.table_provider(name.as_str()).await.unwrap();
        let columns = provider
            .schema()
            .fields()
            .iter()
            .map(|field| (field.name().clone(), kind(field.data_type())))
            .collect();
        tables.push(Table { name: name.clone(), columns });
    }
    tables
}

/// `schema.table` of everything in a schema.
pub fn names(ctx: &SessionContext, schema: &str) -> Vec<String> {
    let provider = ctx.catalog("bilim").unwrap().schema(schema).unwrap();
    provider.table_names().into_iter().map(|name| format!("{schema}.{name}")).collect()
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Int32 | DataType::Int64 | DataType::Float64 | DataType::Decimal128(..) => Kind::Number,
        DataType::Utf8 | DataType::Utf8View => Kind::Text,
        _ => Kind::Other,
    }
}

/// Same seed, same statements.
pub struct Writer {
    state: u64,
    tables: Vec<Table>,
}

impl Writer {
    pub fn new(seed: u64, tables: Vec<Table>) -> Self {
        Self { state: seed, tables }
    }

    /// Splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn table(&mut self) -> Table {
        let at = self.below(self.tables.len());
        self.tables[at].clone()
    }

    fn column(&mut self, table: &Table, kind: Option<Kind>) -> Option<String> {
        let fits: Vec<&String> = table
            .columns
            .iter()
            .filter(|(_, k)| kind.is_none_or(|kind| kind == *k))
            .map(|(name, _)| name)
            .collect();
        if fits.is_empty() { None } else { Some(format!("\"{}\"", fits[self.below(fits.len())])) }
    }

    fn any(&mut self, table: &Table) -> String {
        self.column(table, None).unwrap()
    }

    fn number(&mut self, table: &Table) -> String {
        let column = self.column(table, Some(Kind::Number)).unwrap_or_else(|| "1".to_owned());
        let small = self.below(7);
        match self.below(8) {
            0 => format!("{column} / {small}"),
            1 => format!("100 / ({column})"),
            2 => format!("{column} % nullif({small}, 0)"),
            3 => format!("cast({column} as smallint)"),
            4 => match self.column(table, Some(Kind::Text)) {
                Some(text) => format!("cast({text} as int)"),
                None => column,
            },
            5 => match self.column(table, Some(Kind::Text)) {
                Some(text) => format!("length({text})"),
                None => format!("-{column}"),
            },
            6 => format!("{column} * {column}"),
            _ => column,
        }
    }

    fn text(&mut self, table: &Table) -> String {
        let Some(column) = self.column(table, Some(Kind::Text)) else {
            let column = self.any(table);
            return format!("cast({column} as varchar)");
        };
        match self.below(6) {
            0 => format!("upper({column})"),
            1 => format!("substr({column}, 1, {})", 1 + self.below(5)),
            2 => format!("regexp_replace({column}, '[0-9]+', '#')"),
            3 => format!("concat({column}, '-', {})", self.number(table)),
            _ => column,
        }
    }

    fn condition(&mut self, table: &Table) -> String {
        let number = self.number(table);
        let small = self.below(3000);
        match self.below(14) {
            0 => format!("{number} > {small}"),
            1 => format!("{number} = {small}"),
            2 => {
                let column = self.column(table, Some(Kind::Number)).unwrap_or(number);
                format!("{column} >= {small}")
            }
            3 => format!("{} like 'S%'", self.text(table)),
            4 => format!("{} ~ '^[A-Z]+-[0-9]'", self.text(table)),
            5 => format!("{} is not null", self.any(table)),
            6 => format!("{number} in (1, 2, {small})"),
            7 => format!("not ({})", self.condition(table)),
            8 => format!("({} or {})", self.condition(table), self.condition(table)),
            9 => format!("({} and {})", self.condition(table), self.condition(table)),
            10 => format!("case when {number} > 0 then 10 / ({}) > 1 else true end", self.number(table)),
            11 => format!("{} between 'A' and 'Z'", self.text(table)),
            12 => {
                let other = self.table();
                let inner = self.number(&other);
                format!("{number} in (select {inner} from {})", other.name)
            }
            _ => {
                let column = self.column(table, Some(Kind::Text)).unwrap_or_else(|| "'1'".to_owned());
                format!("cast({column} as int) >= 0")
            }
        }
    }

    fn filter(&mut self, table: &Table) -> String {
        if self.below(3) == 0 { String::new() } else { format!(" where {}", self.condition(table)) }
    }

    fn limit(&mut self) -> String {
        match self.below(3) {
            0 => format!(" limit {}", self.below(6)),
            1 => format!(" limit {} offset {}", 1 + self.below(4), self.below(3)),
            _ => String::new(),
        }
    }

    fn query(&mut self) -> String {
        let table = self.table();
        let from = &table.name;
        match self.below(13) {
            0 => format!("select * from {from}{}{}", self.filter(&table), self.limit()),
            1 => {
                let (a, b) = (self.number(&table), self.text(&table));
                format!("select {a} as a, {b} as b from {from}{}{}", self.filter(&table), self.limit())
            }
            2 => format!("select count(*) from {from}{}", self.filter(&table)),
            3 => {
                let number = self.number(&table);
                let any = self.any(&table);
                format!(
                    "select count({any}), min({number}), max({any}), sum({number}), count(distinct {any}) from {from}{}",
                    self.filter(&table)
                )
            }
            4 => {
                let (key, number) = (self.text(&table), self.number(&table));
                let having = if self.below(2) == 0 { " having count(*) > 1" } else { "" };
                format!(
                    "select {key} as k, count(*) as n, avg({number}) as m from {from}{} group by 1{having} order by 1",
                    self.filter(&table)
                )
            }
            5 => {
                let (part, key, number) = (self.any(&table), self.any(&table), self.number(&table));
                let function = self.one(&["row_number()", "rank()", "lag(1)", "count(*)"]);
                format!(
                    "select {key}, {function} over (partition by {part} order by {key}, {number}) as w from {from}{}{}",
                    self.filter(&table),
                    self.limit()
                )
            }
            6 => {
                let (key, number) = (self.any(&table), self.number(&table));
                let way = self.one(&["asc", "desc", "desc nulls last"]);
                format!(
                    "select {key}, {number} as x from {from}{} order by {key} {way}, x limit {}",
                    self.filter(&table),
                    1 + self.below(9)
                )
            }
            7 => {
                let other = self.table();
                let (left, right) = (self.any(&table), self.any(&other));
                let join = self.one(&["join", "left join", "full join"]);
                format!(
                    "select count(*), min(cast(a.{left} as varchar)) from {from} a {join} {} b on cast(a.{left} as varchar) = cast(b.{right} as varchar)",
                    other.name
                )
            }
            8 => {
                let (a, b) = (self.text(&table), self.filter(&table));
                let second = self.table();
                let (c, d) = (self.text(&second), self.filter(&second));
                let set = self.one(&["union all", "union", "except", "intersect"]);
                format!("select {a} as t from {from}{b} {set} select {c} from {}{d} order by 1", second.name)
            }
            9 => format!(
                "select distinct {} as d from {from}{} order by 1{}",
                self.text(&table),
                self.filter(&table),
                self.limit()
            ),
            10 => {
                let (number, condition) = (self.number(&table), self.condition(&table));
                format!(
                    "with c as (select *, {number} as extra from {from}) select count(*), max(extra) from c where {condition}"
                )
            }
            11 => {
                let key = self.any(&table);
                format!(
                    "select string_agg({}, ',' order by {key}) from {from}{}",
                    self.text(&table),
                    self.filter(&table)
                )
            }
            _ => {
                let condition = self.condition(&table);
                format!(
                    "select (select count(*) from {from} where {condition}) as n, exists (select 1 from {from}{}) as e",
                    self.filter(&table)
                )
            }
        }
    }

    /// The next statement.
    pub fn statement(&mut self) -> String {
        match self.below(20) {
            0..=2 => format!("explain {}", self.query()),
            3 => format!("explain format tree {}", self.query()),
            4 => {
                let table = self.table();
                match self.below(6) {
                    0 => format!("select no_such_column from {}", table.name),
                    1 => format!("select * from {}_x", table.name),
                    2 => format!("show columns from {}", table.name),
                    3 => format!("select * from {} where", table.name),
                    4 => format!("describe {}", table.name),
                    _ => "select * from measures.enrolment".to_owned(),
                }
            }
            _ => self.query(),
        }
    }
}
