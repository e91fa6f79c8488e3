"""A stack that fails says so, removes nothing, and remembers what exists: the next update or deletion begins there, as on AWS for a
stack that was deployed with --disable-rollback.

LocalStack calls a creation complete when a property has no value, deletes after a failed update what the template no longer has,
forgets the resource that failed, and calls every deletion complete.
"""

from localstack.aws.api.cloudformation import ExecutionStatus, ResourceStatus, StackStatus
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
    ChangeSetModelExecutorResult,
    TriggerRollback,
)
from localstack.utils.patch import patch

from holdfast_localstack.existing_template import existing

_EXIST = (ResourceStatus.CREATE_COMPLETE, ResourceStatus.UPDATE_COMPLETE)


class StackFailed(Exception):
    """The execution of a change ends here: LocalStack writes down only what succeeded."""


def fail_failed_stacks() -> None:
    @patch(ChangeSetModelExecutor.execute)
    def execute(_fn, self: ChangeSetModelExecutor) -> ChangeSetModelExecutorResult:
        change_set, stack = self._change_set, self._change_set.stack
        action = stack.status.removesuffix("_IN_PROGRESS")
        stack.status_reason = None
        try:
            self.process()
            if self._deferred_actions and action == "UPDATE":
                stack.set_stack_status(StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)
            # A resource is deleted before those that it needs.
            for deferred in reversed(self._deferred_actions):
                deferred.action()
                if action == "DELETE":
                    _raise_if_kept(self)
        except Exception as error:
            _remember(self, action == "CREATE")
            reason = error.reason if isinstance(error, TriggerRollback) else str(error)
            stack.set_stack_status(StackStatus(f"{action}_FAILED"), reason)
            change_set.set_execution_status(ExecutionStatus.EXECUTE_FAILED)
            raise StackFailed(reason) from error
        # LocalStack deletes what this has, and forgets to renew it.
        stack.processed_template = change_set.processed_template
        return ChangeSetModelExecutorResult(resources=self.resources, outputs=self.outputs)


def _raise_if_kept(executor: ChangeSetModelExecutor) -> None:
    for name, resource in executor.resources.items():
        if resource.get("ResourceStatus") == ResourceStatus.DELETE_FAILED:
            raise StackFailed(f"The following resource(s) failed to delete: [{name}]. {resource.get('ResourceStatusReason')}")


def _remember(executor: ChangeSetModelExecutor, is_new: bool) -> None:
    """A resource that failed or was not reached keeps its former state."""
    change_set, stack = executor._change_set, executor._change_set.stack
    done = {name: each for name, each in executor.resources.items() if each.get("ResourceStatus") in _EXIST}
    # A deleted resource has no status.
    gone = {name for name, each in executor.resources.items() if "ResourceStatus" not in each}
    for template in ("template", "processed_template"):
        before, after = {} if is_new else getattr(stack, template), getattr(change_set, template)
        setattr(stack, template, existing(before or {}, after or {}, set(done), gone))
    stack.template_body = stack.template_body or change_set.template_body
    stack.resolved_resources = {name: each for name, each in {**stack.resolved_resources, **done}.items() if name not in gone}
    stack.resolved_parameters = {**(change_set.resolved_parameters or {}), **stack.resolved_parameters}
