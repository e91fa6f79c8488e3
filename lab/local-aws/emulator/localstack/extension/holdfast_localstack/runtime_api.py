"""The Lambda Runtime API of one execution environment: the function's process gets invocations from it and answers there.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

The API is on a port of its own, which any page in a browser and any local user can reach: its address has a secret path, which
only the environment's process is given.
"""

import json
import queue
import secrets
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_VERSION = "/2018-06-01/runtime/"
# Functions answer with up to 6 MiB, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
_LONGEST_BODY = 8 * 1024 * 1024
_FAULT_HEADER = "Holdfast-Fault"


@dataclass(frozen=True)
class Outcome:
    payload: bytes
    is_error: bool


@dataclass(frozen=True)
class Pending:
    """An invocation that the process is to get, and its outcome."""

    request_id: str
    arn: str
    payload: bytes
    deadline_ms: int
    trace_id: str
    fault: dict[str, Any] | None
    outcome: Future[Outcome] = field(default_factory=Future)


def error_payload(name: str, message: str) -> bytes:
    return json.dumps({"errorType": name, "errorMessage": message}).encode()


class RuntimeApi:
    """One process's server. `started` gets None when the process waits for its first invocation, or what it reported instead."""

    def __init__(self) -> None:
        self.started: Future[bytes | None] = Future()
        self._invocations: queue.Queue[Pending | None] = queue.Queue()
        self._current: Pending | None = None
        self._secret = f"/{secrets.token_urlsafe(24)}"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler_class())
        self._server.daemon_threads = True
        # A process that is killed breaks its connection off, which would be a traceback in LocalStack's log.
        self._server.handle_error = lambda *_: None
        self.address = f"127.0.0.1:{self._server.server_address[1]}{self._secret}"
        threading.Thread(target=self._server.serve_forever, daemon=True, name="runtime-api").start()

    def submit(self, invocation: Pending) -> None:
        self._current = invocation
        self._invocations.put(invocation)

    def close(self) -> None:
        self._invocations.put(None)
        self._server.shutdown()
        self._server.server_close()

    def _next(self) -> Pending | None:
        _settle(self.started, None)
        return self._invocations.get()

    def _answer(self, request_id: str, kind: str, body: bytes) -> bool:
        current = self._current
        if current is None or current.request_id != request_id:
            return False
        return _settle(current.outcome, Outcome(body, kind == "error"))

    def _handler_class(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self._route() != "invocation/next":
                    return self._send(403)
                invocation = api._next()
                if invocation is None:
                    return self._send(410)
                headers = {
                    "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                    "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
                    "Lambda-Runtime-Trace-Id": invocation.trace_id,
                }
                if invocation.fault:
                    headers[_FAULT_HEADER] = json.dumps(invocation.fault)
                self._send(200, invocation.payload, headers)

            def do_POST(self) -> None:
                route = self._route()
                length = self.headers.get("content-length") or "0"
                if route is None or not length.isdecimal() or int(length) > _LONGEST_BODY:
                    # The rest of the request is not read.
                    self.close_connection = True
                    return self._send(403 if route is None else 413)
                body = self.rfile.read(int(length))
                if route == "init/error":
                    return self._send(202 if _settle(api.started, body) else 400)
                match route.split("/"):
                    case ["invocation", request_id, ("response" | "error") as kind]:
                        self._send(202 if api._answer(request_id, kind, body) else 400)
                    case _:
                        self._send(403)

            def _route(self) -> str | None:
                prefix = api._secret + _VERSION
                return self.path.removeprefix(prefix) if self.path.startswith(prefix) else None

            def _send(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler


def _settle[T](future: Future[T], value: T) -> bool:
    """False when something else has settled it before."""
    try:
        future.set_result(value)
        return True
    except Exception:  # InvalidStateError: the process answered in the moment of its time-out
        return False
