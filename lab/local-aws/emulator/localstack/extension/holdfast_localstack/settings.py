"""What the local cloud gives the extension, by the environment of LocalStack's process."""

import hashlib
import hmac
import json
import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    gateway: str
    """URL of the gateway, which provides the resource types that it owns and receives log lines and sessions."""
    event_token: str
    """Secret of the gateway and LocalStack, which marks all requests of LocalStack to the gateway."""
    run_token: str
    """Secret of the run, which every request to LocalStack's own port has to have."""
    node: str
    """Node binary that functions run on."""
    bootstrap: str
    """The Runtime API loop of Node functions (lambda-runtime/bootstrap.mjs)."""
    function_environment: dict[str, str]
    """Variables that the local runtime adds to every function's environment."""
    listening: str
    """File that is written once LocalStack listens on its port."""


def _secrets() -> tuple[str, str]:
    """To the gateway, and to LocalStack: what one of them is sent is no use against the other."""
    # Taken out of the environment, which programs that LocalStack starts inherit.
    if shared := os.environ.pop("HOLDFAST_EMULATOR_TOKEN", ""):
        to_gateway, to_localstack = (hmac.new(shared.encode(), to, hashlib.sha256).hexdigest() for to in (b"to the gateway", b"to LocalStack"))
        return to_gateway, to_localstack
    return os.environ.pop("HOLDFAST_EVENT_TOKEN"), os.environ.pop("HOLDFAST_RUN_TOKEN")


def _read() -> Settings:
    try:
        event_token, run_token = _secrets()
        return Settings(
            gateway=os.environ["HOLDFAST_GATEWAY"],
            event_token=event_token,
            run_token=run_token,
            node=os.environ["HOLDFAST_NODE"],
            bootstrap=os.environ["HOLDFAST_BOOTSTRAP"],
            function_environment=json.loads(os.environ["HOLDFAST_FUNCTION_ENV"]),
            listening=os.environ["HOLDFAST_LISTENING"],
        )
    except KeyError as error:
        sys.exit(f"Holdfast's extension of LocalStack needs the variable {error.args[0]}: start LocalStack by Holdfast.")


SETTINGS = _read()
