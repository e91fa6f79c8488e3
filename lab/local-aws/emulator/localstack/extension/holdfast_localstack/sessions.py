"""Reports every session that STS gives out to the gateway, before anybody can use it: the gateway verifies their signatures, and
its own services judge their calls by the policies of their roles. LocalStack's services judge nothing.
"""

import re

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from holdfast_localstack.gateway import post

_TIMEOUT_SECONDS = 5
_OF_A_MACHINE = re.compile(r":assumed-role/[^/]+/m?i-[0-9a-f]{17}$")


def report_session(_chain: HandlerChain, context: RequestContext, response: Response) -> None:
    if context.service is None or context.operation is None or response.status_code != 200:
        return
    if (context.service.service_name, context.operation.name) != ("sts", "AssumeRole") or not context.service_response:
        return
    credentials = context.service_response["Credentials"]
    arn = context.service_response["AssumedRoleUser"]["Arn"]
    expires = credentials["Expiration"]
    # On AWS an instance's metadata service renews credentials, on premises the agent; a local machine gets them only once.
    lasts = _OF_A_MACHINE.search(arn) or not hasattr(expires, "timestamp")
    body = {
        "accessKeyId": credentials["AccessKeyId"],
        "secretAccessKey": credentials["SecretAccessKey"],
        "sessionToken": credentials["SessionToken"],
        "principalArn": arn,
        "expiresAtMs": None if lasts else int(expires.timestamp() * 1000),
    }
    post("sessions", body, _TIMEOUT_SECONDS)
