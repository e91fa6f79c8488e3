"""The Node process of one execution environment, with its Runtime API and its log lines."""

import subprocess
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

from holdfast_localstack.runtime_api import Outcome, Pending, RuntimeApi, error_payload
from holdfast_localstack.settings import SETTINGS

# The init phase of AWS. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
_INIT_SECONDS = 10.0
# The process writes its last line before it answers; the line passes a pipe and a thread.
_LAST_LINE_SECONDS = 0.5
_POLL_SECONDS = 0.005


class InitFailed(Exception):
    """The process did not get as far as its first invocation."""

    def __init__(self, payload: bytes, lines: list[str]) -> None:
        super().__init__("the function's process did not start")
        self.payload = payload
        self.lines = lines


class NodeProcess:
    def __init__(self, code: Path, environment: dict[str, str]) -> None:
        """Raises InitFailed with what an invocation is answered, and the lines that were printed."""
        self.api = RuntimeApi()
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._killed = False
        # In LocalStack's own process group, so that it ends with LocalStack.
        self._child = subprocess.Popen(
            [SETTINGS.node, SETTINGS.bootstrap],
            cwd=code,
            env={**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True, name="function-log")
        self._reader.start()
        threading.Thread(target=self._await_exit, daemon=True, name="function-exit").start()
        try:
            problem = self.api.started.result(_INIT_SECONDS)
        except FutureTimeout:
            problem = error_payload("Sandbox.Timedout", f"Init timed out after {_INIT_SECONDS:.2f} seconds")
        if problem is not None:
            self.kill()
            raise InitFailed(problem, self.take_lines())

    @property
    def runs(self) -> bool:
        return not self._killed and self._child.poll() is None

    def invoke(self, invocation: Pending, timeout_seconds: float) -> Outcome:
        """One invocation; at its time limit the process is killed. A kill by another thread ends it with Runtime.ExitError."""
        self._current = invocation
        self.api.submit(invocation)
        if not self.runs:
            self._fail_current()
        try:
            return invocation.outcome.result(timeout_seconds)
        except FutureTimeout:
            self.kill()
            message = f"RequestId: {invocation.request_id} Error: Task timed out after {timeout_seconds:.2f} seconds"
            return Outcome(error_payload("Sandbox.Timedout", message), is_error=True)

    def kill(self) -> None:
        self._killed = True
        self._child.kill()
        self.api.close()

    def take_lines(self, last: str | None = None) -> list[str]:
        """Lines since the last call, once one contains `last` or half a second has passed."""
        deadline = time.monotonic() + _LAST_LINE_SECONDS
        while last is not None and self.runs and time.monotonic() < deadline:
            with self._lock:
                if any(last in line for line in reversed(self._lines)):
                    break
            time.sleep(_POLL_SECONDS)
        if not self.runs:
            self._reader.join(_LAST_LINE_SECONDS)
        with self._lock:
            taken, self._lines = self._lines, []
        return taken

    _current: Pending | None = None

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            with self._lock:
                self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    def _await_exit(self) -> None:
        self._child.wait()
        if not self.api.started.done():
            self.api.started.set_result(error_payload("Runtime.ExitError", self._exit_message("unknown")))
        self._fail_current()

    def _fail_current(self) -> None:
        current = self._current
        if current is None or current.outcome.done():
            return
        try:
            current.outcome.set_result(Outcome(error_payload("Runtime.ExitError", self._exit_message(current.request_id)), is_error=True))
        except Exception:  # it answered just before it ended
            pass

    def _exit_message(self, request_id: str) -> str:
        # It has ended, or was killed a moment ago.
        code = self._child.wait()
        how = "signal: killed" if code < 0 else f"exit status {code}"
        return f"RequestId: {request_id} Error: Runtime exited with error: {how}"
