"""Seam: CloudFormation hands resource types that the gateway owns to the gateway, on a thread of their own.

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
