"""LocalStack's port answers the gateway and this run's own modules, which know the run's secret, and nobody else.

LocalStack's own calls between its services do not pass the port (IN_MEMORY_CLIENT). A function answers CloudFormation's request
for a custom resource without credentials, on AWS as well: such an answer is let in while CloudFormation waits for it.
"""

import hmac

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Request, Response

from holdfast_localstack.custom_resource import is_awaited
from holdfast_localstack.own_port import answer_anybody
from holdfast_localstack.settings import SETTINGS

_RUN_HEADER = "x-holdfast-run"
_OWN_NAMES = ("127.0.0.1", "localhost")
_REFUSAL = "The emulator answers the gateway of its own run only: call the gateway.\n"


def guard(chain: HandlerChain, context: RequestContext, response: Response) -> None:
    request = context.request
    # A request without a server's headers did not come through the port: it is LocalStack's own.
    if "asgi.headers" not in request.environ:
        return
    # A header of the request would make it a call between LocalStack's own services.
    context.internal_request_params = None
    if request.method == "PUT" and is_awaited(request.path):
        return
    if request.method == "GET" and not _is_of_a_page(request) and (answer := answer_anybody(request)) is not None:
        chain.respond(200, answer, {"content-type": "application/json"})
        return
    given = request.headers.getlist(_RUN_HEADER)
    if len(given) == 1 and hmac.compare_digest(given[0].encode(), SETTINGS.run_token.encode()):
        return
    chain.respond(403, _REFUSAL, {"content-type": "text/plain"})


def _is_of_a_page(request: Request) -> bool:
    """A browser's request says so, and after DNS rebinding it has another host."""
    name = request.headers.get("host", "").rsplit(":", 1)[0]
    return name not in _OWN_NAMES or any(header in request.headers for header in ("origin", "sec-fetch-site"))
