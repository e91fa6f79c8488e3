"""What the seams share: finding a private name, or stopping with a sentence; and calling the gateway."""

import json
import os
import sys
import urllib.error
import urllib.request


def need(module, name: str):
    """The attribute `name` of `module`; without it this MiniStack is not the release that the seams were made for."""
    found = getattr(module, name, None)
    if found is None:
        home = getattr(module, "__qualname__", None)
        owner = f"{module.__module__}.{home}" if home else module.__name__
        sys.exit(
            f"MiniStack's {owner}.{name} is missing: this is not the pinned release. "
            "Remove .holdfast/venv and start again, so that the locked release is installed."
        )
    return found


def fetch(gateway: str, path: str) -> dict:
    """GETs JSON from the gateway, which has to be up before the emulator."""
    try:
        with urllib.request.urlopen(gateway + path, timeout=10) as answer:
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        sys.exit(f"the gateway at {gateway} does not answer ({error}): it has to be up before MiniStack is started")


def post(gateway: str, path: str, body: dict, timeout_seconds: float) -> dict:
    """POSTs JSON to the gateway. Raises ValueError with the gateway's own sentence when it refuses."""
    request = urllib.request.Request(
        gateway + path,
        data=json.dumps(body, default=str).encode(),
        # Functions reach the gateway too; only MiniStack has this, so none of them acts past its role.
        headers={"content-type": "application/json", "x-holdfast-token": os.environ["HOLDFAST_EVENT_TOKEN"]},
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
            message = f"the gateway answered {error.code}"
        raise ValueError(message) from None
