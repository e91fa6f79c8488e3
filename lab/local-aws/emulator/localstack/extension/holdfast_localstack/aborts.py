"""An execution that is stopped has ended at once, whatever it waits for, and a child that it waits for is stopped with it.

In LocalStack a stopped execution is running until its call returns, an error of that call makes it FAILED, and its child goes on.
A stop before the first state begins has no effect there.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
"""

import logging
import threading
from collections import defaultdict
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api.stepfunctions import ExecutionStatus
from localstack.aws.connect import connect_to
from localstack.services.stepfunctions.asl.component.program.program import Program
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication, Execution
from localstack.utils.patch import patch

LOG = logging.getLogger(__name__)

_ended = threading.Lock()
# The children that each running execution waits for, by ARN.
_awaited: defaultdict[str, set[str]] = defaultdict(set)
# How each execution was stopped whose definition was still being read, by ARN.
_stopped_early: dict[str, dict[str, Any]] = {}


def end_at_once() -> None:
    _keep_the_end()
    _abort_at_once()
    _stop_children()


def _keep_the_end() -> None:
    @patch(Environment.set_error)
    def set_error(fn, self: Environment, error: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
            fn(self, error)


def _abort_at_once() -> None:
    @patch(Execution.stop)
    def stop(fn, self: Execution, stop_date: Any, error: str | None, cause: str | None) -> None:
        with _ended:
            if self.exec_status != ExecutionStatus.RUNNING:
                return
            how = {"stop_date": stop_date, "error": error, "cause": cause}
            env = self.exec_worker.env
            if env is None or env.program_state() is None:
                _stopped_early[self.exec_arn] = how
            else:
                fn(self, **how)
            self.exec_status, self.stop_date, self.error, self.cause = ExecutionStatus.ABORTED, stop_date, error, cause
        self.publish_execution_status_change_event()
        for child in list(_awaited[self.exec_arn]):
            _stop(self.account_id, self.region_name, child)

    @patch(Program._eval_body)
    def eval_body(fn, self: Program, env: Environment) -> None:
        # From here on a stop reaches the environment.
        with _ended:
            if how := _stopped_early.pop(_arn_of(env), None):
                env.set_stop(**how)
        fn(self, env)

    @patch(BaseExecutionWorkerCommunication.terminated)
    def terminated(fn, self: BaseExecutionWorkerCommunication) -> None:
        with _ended:
            if self.execution.exec_status != ExecutionStatus.RUNNING:
                return
            self._reflect_execution_status()
        self.execution.publish_execution_status_change_event()


def _stop_children() -> None:
    def noting(build: Any) -> None:
        @patch(build)
        def build_resolver(fn, self: StateTaskServiceSfn, env: Environment, *args: Any, **kwargs: Any) -> Any:
            child = env.stack[-1]["ExecutionArn"]
            resolve = fn(self, env, *args, **kwargs)
            resolve.child = child
            return resolve

    noting(StateTaskServiceSfn._build_sync_resolver)
    noting(StateTaskServiceSfn._build_sync2_resolver)

    @patch(StateTaskServiceSfn._eval_sync)
    def eval_sync(fn, self: StateTaskServiceSfn, env: Environment, sync_resolver: Any, **kwargs: Any) -> Any:
        children = _awaited[_arn_of(env)]
        children.add(sync_resolver.child)
        try:
            return fn(self, env=env, sync_resolver=sync_resolver, **kwargs)
        finally:
            children.discard(sync_resolver.child)
            # The task ran out of time, or what is around it has ended.
            if not env.is_running():
                _stop(env.aws_execution_details.account, env.aws_execution_details.region, sync_resolver.child)


def _arn_of(env: Environment) -> str:
    return env.states.context_object.context_object_data["Execution"]["Id"]


def _stop(account: str, region: str, child: str) -> None:
    try:
        connect_to(aws_access_key_id=account, region_name=region).stepfunctions.stop_execution(executionArn=child)
    except ClientError as error:
        LOG.warning("The execution %s, whose parent has ended, was not stopped: %s", child, error)
