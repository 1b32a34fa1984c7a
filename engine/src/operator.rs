//! What physical operators of ours spell alike: the methods of `ExecutionPlan` that say nothing of them.

/// The methods of an operator whose plan is finished: rules of the engine find no children below it.
///
/// For use inside `impl ExecutionPlan`; wants a field `properties`.
macro_rules! over_finished_plan {
    () => {
        fn properties(&self) -> &::std::sync::Arc<::datafusion::physical_plan::PlanProperties> {
            &self.properties
        }

        fn children(&self) -> Vec<&::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            Vec::new()
        }

        fn with_new_children(
            self: ::std::sync::Arc<Self>,
            _: Vec<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>>,
        ) -> ::datafusion::common::Result<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            Ok(self)
        }

        $crate::operator::without_expressions!();
    };
}

/// The methods of an operator over one plan, which is its field `input`; made again by what follows.
///
/// For use inside `impl ExecutionPlan`: `over_input!(|this, input| Self::new(input, &this.name));`.
macro_rules! over_input {
    (|$this:ident, $input:ident| $made:expr) => {
        fn children(&self) -> Vec<&::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            vec![&self.input]
        }

        fn with_new_children(
            self: ::std::sync::Arc<Self>,
            mut children: Vec<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>>,
        ) -> ::datafusion::common::Result<::std::sync::Arc<dyn ::datafusion::physical_plan::ExecutionPlan>> {
            let $this = self;
            Ok(match children.pop() {
                Some($input) => ::std::sync::Arc::new($made),
                None => $this,
            })
        }

        $crate::operator::without_expressions!();
    };
}

/// That an operator evaluates no expressions of its own.
macro_rules! without_expressions {
    () => {
        fn apply_expressions(
            &self,
            _: &mut dyn FnMut(
                &::std::sync::Arc<dyn ::datafusion::physical_expr::PhysicalExpr>,
            ) -> ::datafusion::common::Result<
                ::datafusion::common::tree_node::TreeNodeRecursion,
            >,
        ) -> ::datafusion::common::Result<::datafusion::common::tree_node::TreeNodeRecursion> {
            Ok(::datafusion::common::tree_node::TreeNodeRecursion::Continue)
        }
    };
}

pub(crate) use {over_finished_plan, over_input, without_expressions};
