"""Whether what answers at LocalStack's port is this LocalStack.

LocalStack goes on when another program holds its port, and takes itself for ready as soon as anything listens there.
"""

import hashlib
import hmac
import http.client
import json
import os
import secrets
import threading
import urllib.request

from localstack import config
from localstack.constants import VERSION
from localstack.http import Request

from holdfast_localstack.settings import SETTINGS

# Nobody else knows it before LocalStack calls it.
_OWN = f"/_holdfast/own/{secrets.token_hex(16)}"
_PROOF = "/_holdfast/extension"
_TIMEOUT_SECONDS = 10
_LONGEST_CHALLENGE = 200
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_arrived = threading.Event()


def port_is_own() -> bool:
    """Calls the port, and looks whether the call arrived here."""
    try:
        _OPENER.open(f"http://{config.GATEWAY_LISTEN[0]}{_OWN}", timeout=_TIMEOUT_SECONDS).close()
    except (OSError, ValueError, http.client.HTTPException):
        pass
    return _arrived.is_set()


def end_without_port() -> None:
    """Ends LocalStack; the last line of its log says why."""
    print(f"Port {config.GATEWAY_LISTEN[0].port} is taken by another program", flush=True)
    os._exit(1)


def answer_anybody(request: Request) -> str | None:
    """What may be asked without the run's secret; None for all other requests.

    The answer to a challenge proves that this LocalStack has the secret, so that nobody has to send it to find out.
    """
    if request.path == _OWN:
        _arrived.set()
        return "{}"
    if request.path != _PROOF:
        return None
    challenge = request.args.get("challenge", "")[:_LONGEST_CHALLENGE]
    proof = hmac.new(SETTINGS.run_token.encode(), f"extension {challenge}".encode(), hashlib.sha256).hexdigest()
    missing = [path for path in (SETTINGS.node, SETTINGS.bootstrap) if not os.access(path, os.R_OK)]
    return json.dumps({"release": VERSION, "gateway": SETTINGS.gateway, "proof": proof, "missing": missing})
