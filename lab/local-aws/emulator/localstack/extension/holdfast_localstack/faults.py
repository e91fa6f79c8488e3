"""The faults that a test has set in the gateway. Without an answer there is no fault."""

from typing import Any

from holdfast_localstack.gateway import Refused, post

# Requested before every invocation: a gateway that hangs must not delay functions for long.
_TIMEOUT_SECONDS = 2


def fault_for(what: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """`what`: of-invocation, of-event, of-creation, of-call."""
    try:
        return post(f"faults/{what}", body, _TIMEOUT_SECONDS).get("effect")
    except (Refused, OSError, ValueError):
        return None
