"""CloudFormation's resource types that the gateway owns: their properties go to the gateway, which returns an id and attributes.

Each type is a plug-in (entry_points.txt); its name there is the attribute of this module, `AWS__ElastiCache__User`.
"""

from typing import Any

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from plux import PluginSpec

from holdfast_localstack.gateway import Refused, post
from holdfast_localstack.models import SCHEMA, deleted, failed, physical_id_of, properties_of, succeeded

# Above the hour that an Auto Scaling group has for its instances.
_TIMEOUT_SECONDS = 3_700


class GatewayResource(ResourceProvider):
    SCHEMA = SCHEMA

    def create(self, request: ResourceRequest) -> ProgressEvent:
        return self._provide(request, {"action": "create"})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        previous = request.previous_state
        return self._provide(request, {"action": "update", "physicalId": physical_id_of(previous), "previous": properties_of(previous)})

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        model = request.desired_state
        try:
            self._call(request, {"action": "delete", "physicalId": physical_id_of(model), "properties": properties_of(model)})
        except (Refused, OSError) as error:
            return failed(str(error))
        return deleted()

    def _provide(self, request: ResourceRequest, body: dict[str, Any]) -> ProgressEvent:
        properties = request.desired_state or {}
        try:
            provided = self._call(request, {**body, "properties": properties})
        except (Refused, OSError) as error:
            return failed(f'Resource handler returned message: "{error}"')
        return succeeded(provided["physicalId"], properties, provided["attributes"])

    def _call(self, request: ResourceRequest, body: dict[str, Any]) -> dict[str, Any]:
        named = {"type": request.resource_type, "logicalId": request.logical_resource_id, "stackName": request.stack_name}
        return post("cloudformation", {**named, **body}, _TIMEOUT_SECONDS)


def __getattr__(name: str) -> PluginSpec:
    """The plug-in of a type."""
    if not name.startswith("AWS__"):
        raise AttributeError(name)
    resource_type = name.replace("__", "::")

    class GatewayResourcePlugin(CloudFormationResourceProviderPlugin):
        def __init__(self) -> None:
            self.factory = GatewayResource

        def load(self, *_args: Any, **_kwargs: Any) -> None:
            pass

    GatewayResourcePlugin.name = resource_type
    return PluginSpec(CloudFormationResourceProviderPlugin.namespace, resource_type, GatewayResourcePlugin)
