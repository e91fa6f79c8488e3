"""Seam: MiniStack's port answers the gateway and this run's own modules, which know the run's secret, and nobody else.

MiniStack takes several access keys for root and checks the signature of none of them, so the access key that it finds in a
request must be the one that the gateway found and verified. A function answers CloudFormation's request for a custom
resource without credentials, on AWS as well: such an answer is let in while CloudFormation waits for it.
"""

import hmac
import pathlib
from urllib.parse import parse_qs

from seam import need

_RUN_HEADER = b"x-holdfast-run"
_SIGNER_HEADER = b"x-holdfast-signer"
_CALLBACK = "/_ministack/cfn-response/"


def open_seam(app, custom_resource, router, token: str, root_key: str) -> None:
    serve = need(app, "app")
    need(app, "main")
    pending = need(custom_resource, "_pending")
    key_of = need(router, "extract_access_key_id")

    def is_of_this_run(headers) -> bool:
        given = [value for name, value in headers if name == _RUN_HEADER]
        return len(given) == 1 and hmac.compare_digest(given[0], token.encode())

    def has_one_signer(scope) -> bool:
        headers = scope["headers"]
        found = key_of(
            {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(headers)},
            parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True),
        )
        # The run's own modules call as root and name no signer.
        named = [value.decode("latin-1") for name, value in headers if name == _SIGNER_HEADER] or [root_key]
        return named == [found]

    def is_awaited(scope) -> bool:
        path = scope["path"]
        return scope["method"] == "PUT" and path.startswith(_CALLBACK) and path[len(_CALLBACK) :] in pending

    async def guarded(scope, receive, send):
        if scope["type"] == "lifespan":
            return await serve(scope, receive, send)
        if scope["type"] == "http":
            if is_awaited(scope) or (is_of_this_run(scope["headers"]) and has_one_signer(scope)):
                return await serve(scope, receive, send)
            body = b"The emulator answers the gateway of its own run only: call the gateway.\n"
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008})

    app.app = guarded


def report_listening(config_class, file: str) -> None:
    """Writes `file` once the port is MiniStack's own: until then another user's server may answer there, and is sent nothing."""
    create = need(config_class, "create_sockets")

    def create_and_report(self):
        sockets = create(self)
        for each in sockets.secure_sockets + sockets.insecure_sockets:
            # Two sockets can be bound to one port, and one can listen.
            each.listen(self.backlog)
        pathlib.Path(file).touch()
        return sockets

    config_class.create_sockets = create_and_report
