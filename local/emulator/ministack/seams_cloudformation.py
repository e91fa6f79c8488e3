"""Seam: CloudFormation hands resource types that the gateway owns to the gateway, on a thread of their own, a secret is
known by its ARN, and a look at a stack that is being made is answered when it is made.

On MiniStack's own thread every other request would wait meanwhile, also those that the gateway itself makes to provide the
resource.
"""

import asyncio
import time
from urllib.parse import parse_qs

from seam import fetch, need, post

# A replication group is the slowest: three servers, Sentinel and a full synchronisation take seconds, not minutes.
_TIMEOUT_SECONDS = 120
# cdk looks every 5 s whether a stack is made. Here one takes a second, and four lie one behind the other.
_LONGEST_LOOK_SECONDS = 3.0
_BETWEEN_LOOKS_SECONDS = 0.05


def open_seam(cloudformation, provisioners, stacks, gateway: str) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    takes_a_thread = need(stacks, "_runs_on_worker_thread")
    owned = set(fetch(gateway, "/_holdfast/cloudformation/types")["types"])
    for resource_type in owned:
        handlers[resource_type] = _handler(resource_type, gateway)
    stacks._runs_on_worker_thread = lambda resource_type: resource_type in owned or takes_a_thread(resource_type)
    handlers["AWS::SecretsManager::Secret"] = _secret_by_arn(handlers["AWS::SecretsManager::Secret"])
    cloudformation.handle_request = _answering_late(need(cloudformation, "handle_request"), need(cloudformation, "_stacks"))


def _answering_late(handle, stacks):
    """DescribeStacks of one stack waits a little while the stack changes; its answer is the one that it gives afterwards."""

    def is_changing(name: str) -> bool:
        found = stacks.get(name) or next((stack for stack in stacks.values() if stack.get("StackId") == name), None) or {}
        status = found.get("StackStatus", "")
        return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"

    async def handle_request(method, path, headers, body, query_params):
        asked = parse_qs(body.decode("utf-8", "replace")) if method == "POST" and body else {}
        if asked.get("Action") == ["DescribeStacks"] and "StackName" in asked:
            deadline = time.monotonic() + _LONGEST_LOOK_SECONDS
            while is_changing(asked["StackName"][0]) and time.monotonic() < deadline:
                await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
        return await handle(method, path, headers, body, query_params)

    return handle_request


def _secret_by_arn(handler: dict) -> dict:
    """Ref of a secret is its ARN on AWS, and MiniStack's is the name: a policy that names it would match nothing.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
    """

    def name_of(arn: str) -> str:
        return arn.partition(":secret:")[2][:-7]  # less the dash and six characters that Secrets Manager adds

    def create(logical_id, properties, stack_name):
        _, attributes = handler["create"](logical_id, properties, stack_name)
        return attributes["Arn"], attributes

    def update(physical_id, old, new, stack_name, logical_id=None):
        _, attributes = handler["update"](name_of(physical_id), old, new, stack_name, logical_id)
        return attributes.get("Arn", physical_id), attributes

    def delete(physical_id, properties):
        return handler["delete"](name_of(physical_id), properties)

    return {**handler, "create": create, "update": update, "delete": delete}


def _handler(resource_type: str, gateway: str) -> dict:
    def call(action: str, **fields) -> dict:
        return post(gateway, "/_holdfast/cloudformation", {"action": action, "type": resource_type, **fields}, _TIMEOUT_SECONDS)

    def create(logical_id, properties, stack_name):
        made = call("create", logicalId=logical_id, stackName=stack_name, properties=properties or {})
        return made["physicalId"], made["attributes"]

    def update(physical_id, old, new, stack_name, logical_id):
        made = call("update", physicalId=physical_id, logicalId=logical_id, stackName=stack_name, previous=old or {}, properties=new or {})
        return made["physicalId"], made["attributes"]

    def delete(physical_id, properties, logical_id=None):
        call("delete", physicalId=physical_id, logicalId=logical_id or "", stackName="", properties=properties or {})

    return {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
        "delete_with_logical_id": True,
    }
