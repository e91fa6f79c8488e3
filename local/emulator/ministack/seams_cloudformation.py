"""Seam: CloudFormation hands resource types that the gateway owns to the gateway, on a thread of their own, and a secret is
known by its ARN.

Every other request would wait meanwhile, also those that the gateway itself makes to provide the resource.
"""

from seam import fetch, need, post

# A replication group is the slowest: three servers, Sentinel and a full synchronisation take seconds, not minutes.
_TIMEOUT_SECONDS = 120


def open_seam(provisioners, stacks, gateway: str) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    takes_a_thread = need(stacks, "_runs_on_worker_thread")
    owned = set(fetch(gateway, "/_holdfast/cloudformation/types")["types"])
    for resource_type in owned:
        handlers[resource_type] = _handler(resource_type, gateway)
    stacks._runs_on_worker_thread = lambda resource_type: resource_type in owned or takes_a_thread(resource_type)
    handlers["AWS::SecretsManager::Secret"] = _secret_by_arn(handlers["AWS::SecretsManager::Secret"])


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
