"""A stack whose update fails says so.

LocalStack calls such a stack UPDATE_COMPLETE, takes the former state of a resource for the new one where it cannot update its type,
and hides why an update failed.
"""

from localstack.aws.api.cloudformation import StackStatus
from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor, ChangeSetModelExecutorResult
from localstack.services.cloudformation.resource_provider import ProgressEvent, ResourceProvider, ResourceRequest
from localstack.utils.patch import patch

from holdfast_localstack.models import failed


def fail_failed_updates() -> None:
    @patch(ChangeSetModelExecutor.execute)
    def execute(fn, self: ChangeSetModelExecutor) -> ChangeSetModelExecutorResult:
        stack = self._change_set.stack
        updates = stack.status == StackStatus.UPDATE_IN_PROGRESS
        result = fn(self)
        if updates and result.failure_message:
            # What has been updated until here stays so: LocalStack has no roll-back of updates.
            stack.resolved_resources = {**stack.resolved_resources, **result.resources}
            stack.set_stack_status(StackStatus.UPDATE_FAILED, result.failure_message)
            raise UpdateFailed(result.failure_message)
        return result


class UpdateFailed(Exception):
    """An update of a stack failed: LocalStack sets UPDATE_FAILED where it meets an error."""


class Updating:
    """A provider of a type that says why it did not update a resource."""

    def __init__(self, provider: ResourceProvider) -> None:
        self._provider = provider

    def update(self, request: ResourceRequest) -> ProgressEvent:
        try:
            return self._provider.update(request)
        except NotImplementedError:
            why = f"LocalStack cannot update resources of the type {request.resource_type}"
        except Exception as error:
            why = str(error)
        return failed(f'Resource handler returned message: "{why}"')
