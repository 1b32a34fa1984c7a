//! The first stage of a grouping, which looks up the different keys of a batch instead of every row.
//!
//! The engine looks every row up in its table of all groups. Here each batch is reduced to its different keys first
//! (`repeats`), and only those are looked up; what the aggregates do with the rows is the engine's. Where nearly all
//! keys of a batch differ, reducing stops after a few batches and this is the engine's own first stage: it emits early
//! when memory is short and hands rows on as they are when nearly every row is a group.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{take, take_arrays};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::config::ConfigOptions;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::group_values::{GroupValues, new_group_values};
use datafusion::physical_plan::aggregates::order::GroupOrdering;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, aggregate_expressions};
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet, RecordOutput,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{StreamExt, TryStreamExt};

use super::Rewrites;
use super::repeats::Repeats;

/// Puts [`BatchGroupingExec`] in the place of first stages; `bilim.grouping_by_batch_keys` switches it off.
#[derive(Debug)]
pub struct GroupingByBatchKeys;

impl PhysicalOptimizerRule for GroupingByBatchKeys {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if !config.extensions.get::<Rewrites>().is_none_or(|on| on.grouping_by_batch_keys) {
            return Ok(plan);
        }
        plan.transform_up(|plan| {
            let first_stage = plan.downcast_ref::<AggregateExec>().filter(|aggregate| is_suited(aggregate));
            Ok(match first_stage {
                Some(aggregate) => Transformed::yes(Arc::new(BatchGroupingExec::new(aggregate.clone())) as _),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "grouping_by_batch_keys"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A first stage with keys, one set of them, no limit, and aggregates that know many groups.
fn is_suited(aggregate: &AggregateExec) -> bool {
    let keys = aggregate.group_expr();
    *aggregate.mode() == AggregateMode::Partial
        && !keys.expr().is_empty()
        && keys.is_single()
        && !keys.has_grouping_set()
        && aggregate.limit_options().is_none()
        && aggregate.dynamic_expressions_produced().is_empty()
        && aggregate
            .aggr_expr()
            .iter()
            .all(|call| call.order_bys().is_empty() && call.groups_accumulator_supported())
}

/// The first stage of a grouping; its schema is that of the stage it stands for.
#[derive(Debug)]
pub struct BatchGroupingExec {
    stage: AggregateExec,
    metrics: ExecutionPlanMetricsSet,
}

impl BatchGroupingExec {
    fn new(stage: AggregateExec) -> Self {
        Self { stage, metrics: ExecutionPlanMetricsSet::new() }
    }
}

impl DisplayAs for BatchGroupingExec {
    fn fmt_as(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = fmt::from_fn(|f| self.stage.fmt_as(format, f)).to_string();
        // In trees the name is a line of its own.
        match text.strip_prefix("AggregateExec") {
            Some(rest) => write!(f, "{}{rest}", self.name()),
            None => f.write_str(&text),
        }
    }
}

impl ExecutionPlan for BatchGroupingExec {
    fn name(&self) -> &'static str {
        "BatchGroupingExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.stage.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.stage.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.stage.apply_expressions(f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let stage = Arc::new(self.stage.clone()).replace_children(children, options)?;
        let Some(stage) = stage.downcast_ref::<AggregateExec>() else {
            return internal_err!("a grouping with other children is no grouping");
        };
        Ok(Arc::new(Self::new(stage.clone())))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.stage.input().execute(partition, Arc::clone(&context))?;
        let grouping = Grouping::new(&self.stage, input, &context, &self.metrics, partition)?;
        let schema = self.schema();
        let batches = futures::stream::try_unfold(grouping, |mut grouping| async move {
            Ok(grouping.next().await?.map(|batch| (batch, grouping)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches.boxed())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

/// An aggregate over all groups so far.
struct Calculation {
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    filter: Option<Arc<dyn PhysicalExpr>>,
    states: Box<dyn GroupsAccumulator>,
    /// For an aggregate over distinct values: which rows of a batch repeat its keys and its values.
    repeats: Option<Repeats>,
}

impl Calculation {
    /// Enter the rows of a batch; `groups` of them there are so far.
    fn update(
        &mut self,
        batch: &RecordBatch,
        keys: &[ArrayRef],
        rows: &[usize],
        groups: usize,
    ) -> Result<()> {
        let (mut arguments, mut filter) = self.evaluate(batch)?;
        if let Some(repeats) = &mut self.repeats {
            let all: Vec<ArrayRef> = keys.iter().chain(&arguments).chain(&filter).cloned().collect();
            if let Some((firsts, _)) = repeats.find_if_it_pays(&all) {
                let rows: Vec<usize> = firsts.iter().map(|row| rows[*row as usize]).collect();
                let firsts = UInt32Array::from_iter_values(firsts.iter().copied());
                arguments = take_arrays(&arguments, &firsts, None)?;
                filter = filter.map(|filter| take(&filter, &firsts, None)).transpose()?;
                let filter = filter.as_ref().map(AsArray::as_boolean);
                return self.states.update_batch(&arguments, &rows, filter, groups);
            }
        }
        let filter = filter.as_ref().map(AsArray::as_boolean);
        self.states.update_batch(&arguments, rows, filter, groups)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<(Vec<ArrayRef>, Option<ArrayRef>)> {
        let arguments = self.arguments.iter().map(|expr| array(expr, batch)).collect::<Result<_>>()?;
        Ok((arguments, self.filter.as_ref().map(|expr| array(expr, batch)).transpose()?))
    }
}

fn array(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<ArrayRef> {
    expr.evaluate(batch)?.into_array(batch.num_rows())
}

/// When nearly every row is a group, grouping first is work for nothing.
struct Probe {
    rows: usize,
    enough_rows: usize,
    most_groups: f64,
}

impl Probe {
    #[expect(clippy::cast_precision_loss, reason = "a threshold")]
    fn is_useless(&mut self, rows: usize, groups: usize) -> bool {
        self.rows += rows;
        self.rows >= self.enough_rows && groups as f64 / self.rows as f64 > self.most_groups
    }
}

enum Phase {
    Grouping,
    /// Rows are handed on as states of their own.
    Passing,
    Done,
}

/// One partition at work.
struct Grouping {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    groups: Box<dyn GroupValues>,
    calculations: Vec<Calculation>,
    lookup: Lookup,
    probe: Probe,
    phase: Phase,
    /// What waits to be handed on, and how much of it was.
    ready: Option<(RecordBatch, usize)>,
    batch_size: usize,
    reservation: MemoryReservation,
    /// Bytes from which its groups are handed on.
    share: usize,
    metrics: BaselineMetrics,
    passed_rows: Count,
}

/// Of the memory of a query, what the first stages of a grouping may hold together: one part in so many.
///
/// Nothing is lost when they hand on early. Their second stages need room for every group, and fail where the
/// first ones have left none.
const PARTS_OF_MEMORY: usize = 2;

impl Grouping {
    fn new(
        stage: &AggregateExec,
        input: SendableRecordBatchStream,
        context: &TaskContext,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Result<Self> {
        let keys = stage.group_expr();
        let arguments = aggregate_expressions(stage.aggr_expr(), stage.mode(), keys.expr().len())?;
        let calculations = stage
            .aggr_expr()
            .iter()
            .zip(arguments)
            .zip(stage.filter_expr())
            .map(|((call, arguments), filter)| {
                let states = call.create_groups_accumulator()?;
                let repeats = call.is_distinct().then(Repeats::new);
                Ok(Calculation { arguments, filter: filter.clone(), states, repeats })
            })
            .collect::<Result<Vec<_>>>()?;
        let options = &context.session_config().options().execution;
        let probe = Probe {
            rows: 0,
            enough_rows: options.skip_partial_aggregation_probe_rows_threshold,
            most_groups: options.skip_partial_aggregation_probe_ratio_threshold,
        };
        Ok(Self {
            groups: new_group_values(keys.group_schema(&input.schema())?, &GroupOrdering::None)?,
            input,
            schema: stage.schema(),
            keys: keys.input_exprs(),
            calculations,
            lookup: Lookup {
                repeats: Repeats::new(),
                batch_keys: MetricBuilder::new(metrics).counter("batch_keys", partition),
                of_keys: Vec::new(),
                of_rows: Vec::new(),
            },
            probe,
            phase: Phase::Grouping,
            ready: None,
            batch_size: options.batch_size.into(),
            reservation: MemoryConsumer::new(format!("BatchGrouping[{partition}]"))
                .with_can_spill(true)
                .register(context.memory_pool()),
            share: match context.memory_pool().memory_limit() {
                MemoryLimit::Finite(limit) => {
                    limit
                        / PARTS_OF_MEMORY
                        / stage.properties().output_partitioning().partition_count().max(1)
                }
                _ => usize::MAX,
            },
            metrics: BaselineMetrics::new(metrics, partition),
            passed_rows: MetricBuilder::new(metrics).counter("skipped_aggregation_rows", partition),
        })
    }

    /// The next batch of states.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.slice() {
                return Ok(Some(batch.record_output(&self.metrics)));
            }
            if matches!(self.phase, Phase::Done) {
                return Ok(None);
            }
            let batch = self.input.try_next().await?;
            let compute = self.metrics.elapsed_compute().clone();
            let _timer = compute.timer();
            match batch {
                None => {
                    self.phase = Phase::Done;
                    self.emit()?;
                }
                Some(batch) if matches!(self.phase, Phase::Passing) => {
                    self.passed_rows.add(batch.num_rows());
                    self.ready = Some((self.pass(&batch)?, 0));
                }
                Some(batch) => self.take(&batch)?,
            }
        }
    }

    /// A part of what waits, no longer than a batch.
    fn slice(&mut self) -> Option<RecordBatch> {
        let (batch, from) = self.ready.as_mut()?;
        let length = self.batch_size.min(batch.num_rows() - *from);
        let slice = batch.slice(*from, length);
        *from += length;
        if *from == batch.num_rows() {
            self.ready = None;
        }
        (length > 0).then_some(slice)
    }

    /// Enter the rows of a batch.
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let keys = self.keys.iter().map(|expr| array(expr, batch)).collect::<Result<Vec<_>>>()?;
        self.lookup.groups_of(&keys, self.groups.as_mut())?;
        let (rows, groups) = (&self.lookup.of_rows, self.groups.len());
        for calculation in &mut self.calculations {
            calculation.update(batch, &keys, rows, groups)?;
        }
        if self.probe.is_useless(batch.num_rows(), groups) {
            self.phase = Phase::Passing;
            return self.emit();
        }
        let size = self.size();
        if size > self.share {
            return self.emit();
        }
        match self.reservation.try_resize(size) {
            Err(DataFusionError::ResourcesExhausted(_)) => self.emit(),
            other => other,
        }
    }

    fn size(&self) -> usize {
        let calculations = self.calculations.iter();
        let states: usize =
            calculations.map(|one| one.states.size() + one.repeats.as_ref().map_or(0, Repeats::size)).sum();
        states + self.groups.size() + self.lookup.size()
    }

    /// Everything so far is ready to be handed on; the tables are empty again.
    fn emit(&mut self) -> Result<()> {
        if !self.groups.is_empty() {
            let mut columns = self.groups.emit(EmitTo::All)?;
            for calculation in &mut self.calculations {
                columns.extend(calculation.states.state(EmitTo::All)?);
            }
            self.groups.clear_shrink(0);
            self.ready = Some((RecordBatch::try_new(Arc::clone(&self.schema), columns)?, 0));
        }
        // The tables have shrunk, so that this gives memory back.
        self.reservation.try_resize(self.size())
    }

    /// Every row as a group of its own.
    fn pass(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns = self.keys.iter().map(|expr| array(expr, batch)).collect::<Result<Vec<_>>>()?;
        for calculation in &self.calculations {
            let (arguments, filter) = calculation.evaluate(batch)?;
            let filter = filter.as_ref().map(AsArray::as_boolean);
            columns.extend(calculation.states.convert_to_state(&arguments, filter)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

/// Finds the group of every row.
struct Lookup {
    repeats: Repeats,
    batch_keys: Count,
    /// Group of each different key, group of each row.
    of_keys: Vec<usize>,
    of_rows: Vec<usize>,
}

impl Lookup {
    fn size(&self) -> usize {
        self.repeats.size() + (self.of_keys.capacity() + self.of_rows.capacity()) * size_of::<usize>()
    }

    /// The group of every row, by the values of its keys.
    fn groups_of(&mut self, keys: &[ArrayRef], groups: &mut dyn GroupValues) -> Result<()> {
        let Some((firsts, places)) = self.repeats.find_if_it_pays(keys) else {
            return groups.intern(keys, &mut self.of_rows);
        };
        self.batch_keys.add(firsts.len());
        let firsts = UInt32Array::from_iter_values(firsts.iter().copied());
        groups.intern(&take_arrays(keys, &firsts, None)?, &mut self.of_keys)?;
        self.of_rows.clear();
        self.of_rows.extend(places.iter().map(|place| self.of_keys[*place as usize]));
        Ok(())
    }
}
