"""What the seams share: a lookup of private names that stops with a sentence, and calls to the gateway."""

import json
import os
import sys
import urllib.error
import urllib.request

# Taken out of the environment, which functions of other runtimes than Node inherit.
EVENT_TOKEN = os.environ.pop("HOLDFAST_EVENT_TOKEN")


def need(module, name: str):
    """Returns the attribute `name` of `module`; without it, this MiniStack is not the pinned release."""
    found = getattr(module, name, None)
    if found is None:
        home = getattr(module, "__qualname__", None)
        owner = f"{module.__module__}.{home}" if home else module.__name__
        sys.exit(
            f"MiniStack's {owner}.{name} is missing: this is not the pinned release. "
            "Remove .holdfast/venv and start again to install the pinned release."
        )
    return found


def _token() -> dict:
    """Functions can reach the gateway too. Only MiniStack has this token, so no function can bypass its role."""
    return {"x-holdfast-token": EVENT_TOKEN}


def fetch(gateway: str, path: str) -> dict:
    """GETs JSON from the gateway, which must be running before the emulator starts."""
    try:
        with urllib.request.urlopen(urllib.request.Request(gateway + path, headers=_token()), timeout=10) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        sys.exit(f"The gateway at {gateway} does not answer ({error}): start it before MiniStack.")


def post(gateway: str, path: str, body: dict, timeout_seconds: float) -> dict:
    """POSTs JSON to the gateway. Raises ValueError with the gateway's message when it refuses."""
    request = urllib.request.Request(
        gateway + path,
        data=json.dumps(body, default=str).encode(),
        headers={"content-type": "application/json", **_token()},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        try:
            detail = json.loads(error.read())
            message = f"{detail['code']}: {detail['message']}"
        except (ValueError, KeyError):
            message = f"The gateway responded with HTTP status {error.code}"
        raise ValueError(message) from None
