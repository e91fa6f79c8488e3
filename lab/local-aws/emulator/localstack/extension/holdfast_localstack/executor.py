"""Runs Node functions as processes on the Lambda Runtime API, in place of LocalStack's containers.

Errors keep their names, environments stay warm, a time-out or a death of the process ends the environment's process, and its
next invocation starts anew, as on AWS.
"""

import json
import time
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InitializationType, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from holdfast_localstack.faults import fault_for
from holdfast_localstack.function_environment import environment_of
from holdfast_localstack.node_process import InitFailed, NodeProcess
from holdfast_localstack.platform_lines import PlatformLines
from holdfast_localstack.reports import report
from holdfast_localstack.runtime_api import Outcome, Pending


class NodeExecutorPlugin(RuntimeExecutorPlugin):
    name = "holdfast"

    def load(self, *_args: Any, **_kwargs: Any) -> type[RuntimeExecutor]:
        return NodeExecutor


class NodeExecutor(RuntimeExecutor):
    """One execution environment."""

    _process: NodeProcess | None = None
    # How the start failed, until the invocation that caused it answers with the failure and logs it.
    _failure: InitFailed | None = None
    _environment: dict[str, str]

    def start(self, env_vars: dict[str, str]) -> None:
        """Raises StatusErrorException for provisioned concurrency, whose start no invocation waits for."""
        self._environment = environment_of(self.function_version, env_vars)
        self._log_group = str(env_vars["AWS_LAMBDA_LOG_GROUP_NAME"])
        try:
            self._launch()
        except InitFailed as error:
            if env_vars["AWS_LAMBDA_INITIALIZATION_TYPE"] == InitializationType.provisioned_concurrency:
                raise StatusErrorException("Environment startup failed", payload=error.payload) from None
            self._failure = error

    def _launch(self) -> NodeProcess:
        self._process = NodeProcess(self.function_version.config.code.get_unzipped_code_location(), self._environment)
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        config, request_id = self.function_version.config, payload["invoke-id"]
        lines = PlatformLines(self.function_version, request_id)
        try:
            process = self._running()
        except InitFailed as error:
            self._report_metrics(request_id, error.lines)
            return InvocationResult(request_id, error.payload, is_error=True, logs=lines.around(error.lines, _cause_of_init(error.payload)))
        invocation = Pending(
            request_id=request_id,
            arn=payload["invoked-function-arn"],
            payload=(payload["payload"] or "{}").encode(),
            deadline_ms=int((time.time() + config.timeout) * 1000),
            trace_id=payload["trace-id"],
            fault=fault_for("of-invocation", {"function": self.function_version.id.function_name, "payload": _parsed(payload["payload"])}),
        )
        outcome = process.invoke(invocation, config.timeout)
        printed = process.take_lines(last=request_id)
        self._report_metrics(request_id, printed)
        return InvocationResult(request_id, outcome.payload, outcome.is_error, lines.around(printed, _cause_of(outcome)))

    def _running(self) -> NodeProcess:
        if failure := self._failure:
            self._failure = None
            raise failure
        return self._process if self._process is not None and self._process.runs else self._launch()

    def _report_metrics(self, request_id: str, printed: list[str]) -> None:
        for line in printed:
            if '"_aws"' in line:
                report("log-lines", {"logGroup": self._log_group, "logStream": request_id, "message": line})

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """The process gets the Runtime API's address when it starts."""
        return ""

    def get_logs(self) -> str:
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        runtime = function_version.config.runtime or ""
        if not runtime.startswith("nodejs"):
            raise ValueError(f"Holdfast's executor runs Node functions only, and the runtime is {runtime or 'an image'}")
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass


def _parsed(payload: str | None) -> Any:
    try:
        return json.loads(payload or "{}")
    except ValueError:
        return None


def _cause_of(outcome: Outcome) -> str | None:
    """The runtime's own error, which it prints into the log: of a time-out or of a process that ended."""
    if not outcome.is_error:
        return None
    error = _parsed(outcome.payload.decode("utf-8", "replace"))
    name = error.get("errorType") if isinstance(error, dict) else None
    return error["errorMessage"] if name in ("Sandbox.Timedout", "Runtime.ExitError") else None


def _cause_of_init(payload: bytes) -> str:
    """What the runtime prints into the log of a start that failed."""
    return _cause_of(Outcome(payload, is_error=True)) or f"Uncaught Exception\t{payload.decode('utf-8', 'replace')}"
