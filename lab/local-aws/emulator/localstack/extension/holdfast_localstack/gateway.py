"""Calls to the gateway."""

import json
import urllib.error
import urllib.request
from typing import Any

from holdfast_localstack.settings import SETTINGS

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """The gateway refused a request; the message is its own."""


def post(path: str, body: dict[str, Any], timeout_seconds: float) -> dict[str, Any]:
    """POSTs JSON to the gateway. Raises Refused with its message, OSError when it does not answer in time."""
    request = urllib.request.Request(
        f"{SETTINGS.gateway}/_holdfast/{path}",
        data=json.dumps(body, default=str).encode(),
        # Functions can reach the gateway too. Only LocalStack has this token, so no function can bypass its role.
        headers={"content-type": "application/json", "x-holdfast-token": SETTINGS.event_token},
        method="POST",
    )
    try:
        with _OPENER.open(request, timeout=timeout_seconds) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        raise Refused(_message_of(error)) from None


def _message_of(error: urllib.error.HTTPError) -> str:
    try:
        detail = json.loads(error.read())
        return f"{detail['code']}: {detail['message']}"
    except (ValueError, KeyError, TypeError):
        return f"The gateway responded with HTTP status {error.code}"
