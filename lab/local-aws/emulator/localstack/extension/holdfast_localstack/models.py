"""How a resource's id, attributes and properties are kept in what LocalStack's CloudFormation remembers of it.

LocalStack keeps one dictionary per resource, in which GetAtt looks an attribute up by its path, and Ref takes what the schema names.
A path cannot lead to an attribute whose name is the beginning of another's (ReadEndPoint.Addresses and ReadEndPoint.Addresses.List).
"""

from typing import Any

from localstack.services.cloudformation.engine.v2 import change_set_model_preproc as preproc
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

_ID = "HoldfastPhysicalId"
_PROPERTIES = "HoldfastProperties"
_ATTRIBUTES = "HoldfastAttributes"

SCHEMA = {"primaryIdentifier": [f"/properties/{_ID}"], "properties": {}}
"""The schema of every resource of this package: Ref is its physical id, and its provider decides about replacements."""


def succeeded(physical_id: str, properties: dict[str, Any], attributes: dict[str, Any]) -> ProgressEvent:
    model = {**properties, _ID: physical_id, _PROPERTIES: properties, _ATTRIBUTES: attributes}
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def find_attributes() -> None:
    by_path = preproc.get_value_from_path

    def get_value_from_path(data: dict[str, Any], path: str) -> Any:
        if _ATTRIBUTES not in data:
            return by_path(data, path)
        value = {**data, **data[_ATTRIBUTES]}.get(path)
        # LocalStack goes on without a value.
        if value is None:
            raise ValidationError(f"The resource {data[_ID]} has no attribute {path}")
        return value

    preproc.get_value_from_path = get_value_from_path


def deleted() -> ProgressEvent:
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})


def failed(reason: str) -> ProgressEvent:
    return ProgressEvent(status=OperationStatus.FAILED, resource_model={}, message=reason)


def physical_id_of(model: dict[str, Any] | None) -> str:
    return (model or {}).get(_ID, "")


def properties_of(model: dict[str, Any] | None) -> dict[str, Any]:
    """The template's properties of a resource that exists."""
    return (model or {}).get(_PROPERTIES, {})
