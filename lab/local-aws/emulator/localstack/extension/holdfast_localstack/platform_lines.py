"""The lines that Lambda itself writes around an invocation's own.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
"""

import json
import math
import time
from datetime import UTC, datetime

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion


class PlatformLines:
    """The platform's log lines about one invocation, which begins now."""

    def __init__(self, version: FunctionVersion, request_id: str) -> None:
        self._version = version
        self._request_id = request_id
        self._began = time.monotonic()
        self._is_json = (version.config.logging_config or {}).get("LogFormat") == "JSON"

    def around(self, printed: list[str], cause: str | None = None) -> str:
        """All lines of the invocation, which ends now. `cause` is the runtime's error."""
        milliseconds = (time.monotonic() - self._began) * 1000
        lines = self._json(printed, cause, milliseconds) if self._is_json else self._text(printed, cause, milliseconds)
        return "\n".join(lines) + "\n"

    def _text(self, printed: list[str], cause: str | None, milliseconds: float) -> list[str]:
        memory = self._version.config.memory_size
        return [
            f"START RequestId: {self._request_id} Version: {self._version.id.qualifier}",
            *printed,
            *([cause] if cause else []),
            f"END RequestId: {self._request_id}",
            f"REPORT RequestId: {self._request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {math.ceil(milliseconds)} ms"
            f"\tMemory Size: {memory} MB\tMax Memory Used: {memory} MB\t",
        ]

    def _json(self, printed: list[str], cause: str | None, milliseconds: float) -> list[str]:
        metrics = {"durationMs": round(milliseconds, 3), "billedDurationMs": math.ceil(milliseconds)}
        return [
            self._record("platform.start", {"version": self._version.id.qualifier}),
            *printed,
            *([json.dumps({"timestamp": _now(), "level": "ERROR", "message": cause, "requestId": self._request_id})] if cause else []),
            self._record("platform.report", {"metrics": metrics, "status": "error" if cause else "success"}),
        ]

    def _record(self, kind: str, more: dict[str, object]) -> str:
        return json.dumps({"time": _now(), "type": kind, "record": {"requestId": self._request_id, **more}})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
