"""The token of a task whose execution has ended is refused as closed.

LocalStack does not know such a token any more, or takes a failure for it without a word.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.stepfunctions import ExecutionStatus, TaskTimedOut
from localstack.services.stepfunctions.provider import StepFunctionsProvider
from localstack.utils.patch import patch


def refuse_closed_tokens() -> None:
    for answer in (
        StepFunctionsProvider.send_task_success,
        StepFunctionsProvider.send_task_failure,
        StepFunctionsProvider.send_task_heartbeat,
    ):
        _unless_closed(answer)


def _unless_closed(answer: Any) -> None:
    @patch(answer)
    def answer_open(fn, self: StepFunctionsProvider, context: RequestContext, task_token: str, **kwargs: Any) -> Any:
        for execution in list(self.get_store(context).executions.values()):
            if execution.exec_status != ExecutionStatus.RUNNING and _waited_with(execution, task_token):
                raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
        return fn(self, context=context, task_token=task_token, **kwargs)


def _waited_with(execution: Any, task_token: str) -> bool:
    # An execution whose thread has not begun has no environment yet.
    worker = execution.exec_worker
    return worker is not None and worker.env is not None and worker.env.callback_pool_manager.get(task_token) is not None
