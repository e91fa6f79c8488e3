"""How a resource's id, attributes and properties are kept in what LocalStack's CloudFormation remembers of it.

LocalStack keeps one dictionary per resource, in which GetAtt looks an attribute up by its path, and Ref takes what the schema names.
"""

from typing import Any

from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

_ID = "HoldfastPhysicalId"
_PROPERTIES = "HoldfastProperties"

SCHEMA = {"primaryIdentifier": [f"/properties/{_ID}"], "properties": {}}
"""Of every resource of this package: Ref is its physical id, and its provider decides about replacements."""


def succeeded(physical_id: str, properties: dict[str, Any], attributes: dict[str, Any]) -> ProgressEvent:
    model: dict[str, Any] = {**properties, _ID: physical_id, _PROPERTIES: properties}
    for name, value in attributes.items():
        *parents, last = name.split(".")
        place = model
        for parent in parents:
            if not isinstance(place.get(parent), dict):
                place[parent] = {}
            place = place[parent]
        place[last] = value
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def deleted() -> ProgressEvent:
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})


def failed(reason: str) -> ProgressEvent:
    return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=reason)


def physical_id_of(model: dict[str, Any] | None) -> str:
    return (model or {}).get(_ID, "")


def properties_of(model: dict[str, Any] | None) -> dict[str, Any]:
    """The template's properties of a resource that exists."""
    return (model or {}).get(_PROPERTIES, {})
