//! What a statement of a caller may be: its size, its shape, its kind, its functions, its plan.
//!
//! The first look is at the words, before a parser builds a tree of them, because trees of hostile statements
//! overflow stacks. Whose rows a statement sees is not decided here but by the session that plans it.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Query,
    Statement as SqlStatement, TableFactor, UnaryOperator, Value, Visit, Visitor,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::error::{QueryError, refused};
use crate::config::StatementLimits;

/// Functions whose last or only numbers say how much they make.
const GENERATORS: [&str; 11] = [
    "range",
    "generate_series",
    "gen_series",
    "repeat",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "lpad",
    "rpad",
    "space",
];

/// Views of `information_schema` that tell of the server rather than of the tables.
const CLOSED: [&str; 2] = ["df_settings", "views"];

/// The way in.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: StatementLimits,
    may_explain: bool,
}

impl Gate {
    /// A gate with these limits; EXPLAIN shows names of files, and so is for some only.
    #[must_use]
    pub fn new(limits: StatementLimits, may_explain: bool) -> Self {
        Self { limits, may_explain }
    }

    /// Look at the words of a statement.
    ///
    /// # Errors
    /// [`QueryError::TooLong`], [`QueryError::TooComplex`].
    pub fn check_text(&self, sql: &str) -> Result<(), QueryError> {
        let limits = &self.limits;
        if sql.len() > limits.max_bytes {
            return Err(QueryError::TooLong { bytes: sql.len(), limit: limits.max_bytes });
        }
        // What is no SQL at all is told by the parser, with its place.
        let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize() else { return Ok(()) };
        let (mut words, mut operators, mut sets) = (0, 0, 0);
        for token in &tokens {
            match token {
                Token::Whitespace(_) => continue,
                Token::Word(word) => match word.keyword {
                    Keyword::AND
                    | Keyword::OR
                    | Keyword::NOT
                    | Keyword::IS
                    | Keyword::LIKE
                    | Keyword::ILIKE
                    | Keyword::BETWEEN
                    | Keyword::CASE
                    | Keyword::COLLATE => operators += 1,
                    Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT | Keyword::MINUS => sets += 1,
                    _ => {}
                },
                Token::Comma
                | Token::LParen
                | Token::RParen
                | Token::Period
                | Token::Number(..)
                | Token::SingleQuotedString(_)
                | Token::Placeholder(_)
                | Token::SemiColon => {}
                _ => operators += 1,
            }
            words += 1;
        }
        let check = |count: usize, what, limit| {
            if count > limit { Err(QueryError::TooComplex { what, limit }) } else { Ok(()) }
        };
        check(words, "words and signs", limits.max_tokens)?;
        check(operators, "operators", limits.max_operators)?;
        check(sets, "set operations", limits.max_set_operations)
    }

    /// Look at a parsed statement.
    ///
    /// # Errors
    /// [`QueryError::Refused`], [`QueryError::TooComplex`], [`QueryError::Generator`].
    pub fn check_statement(&self, statement: &Statement) -> Result<(), QueryError> {
        let refuse = |name: &str| Err(QueryError::Refused { statement: name.to_owned() });
        match statement {
            Statement::Statement(inner) => self.check_sql(inner),
            Statement::Explain(explain) if !self.may_explain => {
                refuse(if explain.options.analyze { "EXPLAIN ANALYZE" } else { "EXPLAIN" })
            }
            Statement::Explain(explain) if explain.options.analyze => refuse("EXPLAIN ANALYZE"),
            // Only the plan of the statement is told: those of files name them.
            Statement::Explain(explain) if explain.options.format.is_some() => refuse("EXPLAIN FORMAT"),
            Statement::Explain(explain) => self.check_statement(&explain.statement),
            Statement::CopyTo(_) => refuse("COPY"),
            Statement::CreateExternalTable(_) => refuse("CREATE EXTERNAL TABLE"),
            Statement::Reset(_) => refuse("RESET"),
        }
    }

    fn check_sql(&self, statement: &SqlStatement) -> Result<(), QueryError> {
        match statement {
            SqlStatement::Query(_)
            | SqlStatement::ShowTables { .. }
            | SqlStatement::ShowColumns { .. }
            | SqlStatement::ExplainTable { .. } => {}
            other => {
                // The first words name it; the rest is the caller's and may be long.
                let text = other.to_string();
                let name = text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                return Err(QueryError::Refused { statement: name.chars().take(60).collect() });
            }
        }
        let mut shape = Shape {
            limits: &self.limits,
            depth: 0,
            relations: 0,
            generators: 0,
            named: HashMap::new(),
            known: Vec::new(),
            open: vec![Open::default()],
        };
        match statement.visit(&mut shape) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    /// Look at the plan: queries over tables of the catalog, and nothing that changes or reads anything else.
    ///
    /// # Errors
    /// [`QueryError::Refused`], [`QueryError::TooComplex`].
    pub fn check_plan(&self, plan: &LogicalPlan) -> Result<(), QueryError> {
        let mut nodes = 0;
        let mut problem = None;
        let walked = plan.apply_with_subqueries(|node| {
            nodes += 1;
            problem = self.check_node(node, nodes);
            Ok(if problem.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        });
        walked.map_err(|error| refused(&error))?;
        problem.map_or(Ok(()), Err)
    }

    fn check_node(&self, node: &LogicalPlan, nodes: usize) -> Option<QueryError> {
        if nodes > self.limits.max_plan_nodes {
            return Some(QueryError::TooComplex {
                what: "steps, with its views spelt out",
                limit: self.limits.max_plan_nodes,
            });
        }
        let name = match node {
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Repartition(_)
            | LogicalPlan::Union(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::RecursiveQuery(_)
            | LogicalPlan::DescribeTable(_) => return None,
            LogicalPlan::TableScan(scan) => {
                // Tables of files have no name in our catalogs; this holds should one ever get one.
                let provider = source_as_provider(&scan.source).ok()?;
                let is_file =
                    provider.downcast_ref::<datafusion::datasource::listing::ListingTable>().is_some();
                if !is_file {
                    return None;
                }
                "a table of files"
            }
            LogicalPlan::Explain(_) if self.may_explain => return None,
            LogicalPlan::Explain(_) => "EXPLAIN",
            LogicalPlan::Analyze(_) => "EXPLAIN ANALYZE",
            LogicalPlan::Statement(_) => "a setting",
            LogicalPlan::Dml(_) => "a change of rows",
            LogicalPlan::Ddl(_) => "a change of tables",
            LogicalPlan::Copy(_) => "COPY",
            LogicalPlan::Extension(_) => "an unknown step",
        };
        Some(QueryError::Refused { statement: name.to_owned() })
    }
}

/// Counts what there is of a statement on the way through it.
struct Shape<'a> {
    limits: &'a StatementLimits,
    depth: usize,
    relations: usize,
    generators: usize,
    /// Names of the subqueries of WITH that are still to come, by the place of the subquery in memory.
    named: HashMap<usize, String>,
    /// Subqueries of WITH that can be named here, and how many relations each is, spelt out.
    known: Vec<(String, usize)>,
    /// The queries around this place.
    open: Vec<Open>,
}

/// A query on the way through it.
#[derive(Default)]
struct Open {
    /// Relations in it, spelt out.
    spelt_out: usize,
    /// Subqueries that could be named before it.
    known: usize,
}

impl Shape<'_> {
    /// Count relations of the query at hand.
    fn spell_out(&mut self, relations: usize) -> ControlFlow<QueryError> {
        let limit = self.limits.max_spelt_out_relations;
        let Some(open) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        open.spelt_out = open.spelt_out.saturating_add(relations);
        if open.spelt_out > limit {
            return Self::too_many("tables and subqueries, those of WITH as often as they are named", limit);
        }
        ControlFlow::Continue(())
    }

    fn too_many(what: &'static str, limit: usize) -> ControlFlow<QueryError> {
        ControlFlow::Break(QueryError::TooComplex { what, limit })
    }

    /// A generator's numbers are written out, small, and make nothing out of another generator's.
    fn check_generator(&self, name: &str, arguments: &[FunctionArg]) -> ControlFlow<QueryError> {
        let limit = self.limits.max_generated;
        let breach = || ControlFlow::Break(QueryError::Generator { function: name.to_owned(), limit });
        if self.generators > 0 {
            return breach();
        }
        let number = |argument: &FunctionArg| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => literal(expr),
            _ => None,
        };
        let made = match name {
            "range" | "generate_series" | "gen_series" => {
                let numbers: Option<Vec<i64>> = arguments.iter().map(number).collect();
                match numbers.as_deref() {
                    Some([end]) => Some(*end),
                    Some([begin, end]) => end.checked_sub(*begin),
                    Some([begin, end, step]) if *step != 0 => end.checked_sub(*begin).map(|span| span / step),
                    _ => None,
                }
            }
            "space" => arguments.first().and_then(number),
            _ => arguments.get(1).and_then(number),
        };
        match made {
            Some(made) if made <= limit => ControlFlow::Continue(()),
            _ => breach(),
        }
    }
}

impl Visitor for Shape<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<QueryError> {
        if !query.locks.is_empty() {
            return ControlFlow::Break(QueryError::Refused { statement: "FOR UPDATE".to_owned() });
        }
        for named in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.named.insert(place(&named.query), named.alias.name.value.to_lowercase());
        }
        self.open.push(Open { spelt_out: 0, known: self.known.len() });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<QueryError> {
        let Some(open) = self.open.pop() else { return ControlFlow::Continue(()) };
        self.known.truncate(open.known);
        // One of WITH counts where it is named, and as often.
        match self.named.remove(&place(query)) {
            Some(name) => {
                self.known.push((name, open.spelt_out));
                ControlFlow::Continue(())
            }
            None => self.spell_out(open.spelt_out),
        }
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<QueryError> {
        let parts: Vec<String> = relation
            .0
            .iter()
            .filter_map(|part| part.as_ident())
            .map(|ident| ident.value.to_lowercase())
            .collect();
        if let [.., schema, table] = parts.as_slice()
            && schema == "information_schema"
            && CLOSED.contains(&table.as_str())
        {
            return ControlFlow::Break(QueryError::Refused {
                statement: format!("information_schema.{table}"),
            });
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<QueryError> {
        self.relations += 1;
        if self.relations > self.limits.max_relations {
            return Self::too_many("tables and subqueries", self.limits.max_relations);
        }
        let named = match factor {
            TableFactor::Table { name, args: None, .. } if name.0.len() == 1 => name.0[0].as_ident(),
            _ => None,
        };
        let known = named.and_then(|named| {
            let name = named.value.to_lowercase();
            self.known.iter().rev().find(|(known, _)| *known == name)
        });
        let relations = known.map_or(1, |(_, relations)| (*relations).max(1));
        self.spell_out(relations)?;
        match factor {
            TableFactor::Table { name, args: Some(args), .. } => {
                self.check_generator(&name.to_string().to_lowercase(), &args.args)
            }
            TableFactor::Function { name, args, .. } => {
                self.check_generator(&name.to_string().to_lowercase(), args)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<QueryError> {
        self.depth += 1;
        if self.depth > self.limits.max_depth {
            return Self::too_many("levels in one expression", self.limits.max_depth);
        }
        match expr {
            Expr::InList { list, .. } if list.len() > self.limits.max_list_items => {
                Self::too_many("members in a list", self.limits.max_list_items)
            }
            Expr::Function(function) => {
                let Some(name) = generator(function) else { return ControlFlow::Continue(()) };
                if let FunctionArguments::List(list) = &function.args {
                    self.check_generator(name, &list.args)?;
                }
                self.generators += 1;
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<QueryError> {
        self.depth -= 1;
        if let Expr::Function(function) = expr
            && generator(function).is_some()
        {
            self.generators -= 1;
        }
        ControlFlow::Continue(())
    }
}

/// Where a query is in memory, which names it while the statement is not moved.
fn place(query: &Query) -> usize {
    std::ptr::from_ref(query).addr()
}

/// The name of a function that makes elements from nothing.
fn generator(function: &Function) -> Option<&'static str> {
    let last = function.name.0.last().and_then(|part| part.as_ident())?.value.to_lowercase();
    GENERATORS.into_iter().find(|name| *name == last)
}

/// A whole number as written.
fn literal(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => literal(expr).map(|number| -number),
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } | Expr::Nested(expr) => literal(expr),
        _ => None,
    }
}
