"""Reports to the gateway that nothing waits for and nothing fails with."""

import queue
import threading
from typing import Any

from holdfast_localstack.gateway import Refused, post

_TIMEOUT_SECONDS = 5
_reports: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue(maxsize=10_000)


def report(path: str, body: dict[str, Any]) -> None:
    """Queues a report; beyond 10,000 waiting ones it is dropped."""
    try:
        _reports.put_nowait((path, body))
    except queue.Full:
        pass


def _forward() -> None:
    while True:
        path, body = _reports.get()
        try:
            post(path, body, _TIMEOUT_SECONDS)
        except (Refused, OSError, ValueError):
            pass


def start_reporting() -> None:
    threading.Thread(target=_forward, daemon=True, name="holdfast-reports").start()
