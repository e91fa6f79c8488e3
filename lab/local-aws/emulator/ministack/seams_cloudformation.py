"""Seam: CloudFormation delegates resource types that the gateway owns to the gateway, asks it about the limits of all others,
reads there the parameters of Parameter Store that a template names, Ref of a secret is its ARN, and DescribeStacks waits a
little for a stack that is being created.

Each delegated resource runs on a thread of its own: on MiniStack's own thread every other request would wait meanwhile,
including those that the gateway sends to provide the resource.
"""

import asyncio
import time
from urllib.parse import parse_qs

from seam import fetch, need, post

# Above the hour that an Auto Scaling group has for its instances.
_TIMEOUT_SECONDS = 3_700
# cdk polls a stack every 5 s. Here a stack takes one second, or some more with servers, and four are deployed one after the other.
_LONGEST_WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.05


# Below what any client waits: the gateway answers from memory.
_READ_TIMEOUT_SECONDS = 10


def open_seam(cloudformation, provisioners, stacks, ssm, gateway: str) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    runs_on_thread = need(stacks, "_runs_on_worker_thread")
    types = fetch(gateway, "/_holdfast/cloudformation/types")
    owned = set(types["types"])
    _remove_strays(handlers, owned)
    for resource_type in owned:
        handlers[resource_type] = _handler(resource_type, gateway)
    for resource_type in set(types["limited"]) & set(handlers) - owned:
        handlers[resource_type] = _within_limits(resource_type, handlers[resource_type], gateway)
    stacks._runs_on_worker_thread = lambda resource_type: resource_type in owned or runs_on_thread(resource_type)
    handlers["AWS::SecretsManager::Secret"] = _secret_by_arn(handlers["AWS::SecretsManager::Secret"])
    need(ssm, "resolve_parameter_value")
    ssm.resolve_parameter_value = _parameter_value(gateway)
    cloudformation.handle_request = _waiting_for_stacks(need(cloudformation, "handle_request"), need(cloudformation, "_stacks"))


def _remove_strays(handlers: dict, owned: set) -> None:
    """MiniStack's own types of a service that the gateway owns are refused: no local service would know what they create.

    EC2 is shared: the gateway owns a few of its types, and MiniStack the network.
    """
    services = {resource_type.rpartition("::")[0] for resource_type in owned} - {"AWS::EC2"}
    for resource_type in [name for name in handlers if name.rpartition("::")[0] in services and name not in owned]:
        del handlers[resource_type]


def _waiting_for_stacks(handle, stacks):
    """DescribeStacks of one stack waits a little while the stack changes, and returns the state afterwards."""

    def is_changing(name: str) -> bool:
        found = stacks.get(name) or next((stack for stack in stacks.values() if stack.get("StackId") == name), None) or {}
        status = found.get("StackStatus", "")
        return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"

    async def handle_request(method, path, headers, body, query_params):
        request = parse_qs(body.decode("utf-8", "replace")) if method == "POST" and body else {}
        if request.get("Action") == ["DescribeStacks"] and "StackName" in request:
            deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
            while is_changing(request["StackName"][0]) and time.monotonic() < deadline:
                await asyncio.sleep(_POLL_SECONDS)
        return await handle(method, path, headers, body, query_params)

    return handle_request


def _parameter_value(gateway: str):
    """A template's parameter of type AWS::SSM::Parameter::Value, such as the CDK's BootstrapVersion."""

    def resolve(name, version=None, decrypt=False):
        wanted = {"action": "read", "type": "AWS::SSM::Parameter", "physicalId": name if version is None else f"{name}:{version}"}
        try:
            return post(gateway, "/_holdfast/cloudformation", wanted, _READ_TIMEOUT_SECONDS)["attributes"]["Value"]
        except ValueError:
            return None

    return resolve


def _secret_by_arn(handler: dict) -> dict:
    """Ref of a secret is its ARN on AWS, but its name in MiniStack: a policy with that name would match nothing.

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


def _within_limits(resource_type: str, handler: dict, gateway: str) -> dict:
    """Refuses a resource that is beyond a limit of AWS. The gateway has the table, and answers from memory."""

    def checked(name: str, at: int):
        def call(*args, **kwargs):
            wanted = {"action": "check", "type": resource_type, "properties": args[at] or {}}
            post(gateway, "/_holdfast/cloudformation", wanted, _READ_TIMEOUT_SECONDS)
            return handler[name](*args, **kwargs)

        return call

    positions = {"create": 1, "update": 2}
    return {**handler, **{name: checked(name, at) for name, at in positions.items() if name in handler}}


def _handler(resource_type: str, gateway: str) -> dict:
    def call(action: str, **fields) -> dict:
        return post(gateway, "/_holdfast/cloudformation", {"action": action, "type": resource_type, **fields}, _TIMEOUT_SECONDS)

    def create(logical_id, properties, stack_name):
        created = call("create", logicalId=logical_id, stackName=stack_name, properties=properties or {})
        return created["physicalId"], created["attributes"]

    def update(physical_id, old, new, stack_name, logical_id):
        updated = call("update", physicalId=physical_id, logicalId=logical_id, stackName=stack_name, previous=old or {}, properties=new or {})
        return updated["physicalId"], updated["attributes"]

    def delete(physical_id, properties, logical_id=None):
        call("delete", physicalId=physical_id, logicalId=logical_id or "", stackName="", properties=properties or {})

    return {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
        "delete_with_logical_id": True,
    }
