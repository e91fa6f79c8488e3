"""Custom resources whose provider is a function, which LocalStack Community lacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import json
import threading
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from localstack import config
from localstack.http import Request, Response
from localstack.services.cloudformation.resource_provider import ProgressEvent, ResourceProvider, ResourceRequest
from localstack.services.edge import ROUTER

from holdfast_localstack.models import SCHEMA, deleted, failed, physical_id_of, properties_of, succeeded

_PATH = "/_holdfast/custom-resources/"
# ServiceTimeout's default. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
_TIMEOUT_SECONDS = 3_600
_MAX_RESPONSE_BYTES = 4_096

_awaited: dict[str, Future[dict[str, Any]]] = {}
_lock = threading.Lock()


def is_awaited(path: str) -> bool:
    """Whether CloudFormation waits for an answer at this path; the id in it is a secret of the function that was invoked."""
    with _lock:
        return path.removeprefix(_PATH) in _awaited if path.startswith(_PATH) else False


def serve_answers() -> None:
    ROUTER.add(f"{_PATH}<name>", _answer, methods=["PUT"])


def _answer(request: Request, name: str) -> Response:
    with _lock:
        future = _awaited.pop(name, None)
    if future is None:
        return Response(status=403)
    body = request.get_data()
    try:
        if len(body) > _MAX_RESPONSE_BYTES:
            raise ValueError("Response object is too long.")
        future.set_result(json.loads(body))
    except ValueError as error:
        future.set_result({"Status": "FAILED", "Reason": f"Invalid response object: {error}"})
    return Response(status=200)


class CustomResource(ResourceProvider):
    SCHEMA = SCHEMA

    def create(self, request: ResourceRequest) -> ProgressEvent:
        return self._provide(request, "Create", {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        previous = request.previous_state
        more = {"PhysicalResourceId": physical_id_of(previous), "OldResourceProperties": _as_text(properties_of(previous))}
        event = self._provide(request, "Update", more)
        replaced = event.resource_model and physical_id_of(event.resource_model) != physical_id_of(previous)
        if replaced:
            self._call(request, "Delete", {"PhysicalResourceId": physical_id_of(previous)}, properties_of(previous))
        return event

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        model = request.desired_state
        answer = self._call(request, "Delete", {"PhysicalResourceId": physical_id_of(model)}, properties_of(model))
        return deleted() if answer.get("Status") == "SUCCESS" else failed(_reason(answer))

    def _provide(self, request: ResourceRequest, kind: str, more: dict[str, Any]) -> ProgressEvent:
        properties = request.desired_state
        answer = self._call(request, kind, more, properties)
        if answer.get("Status") != "SUCCESS":
            return failed(_reason(answer))
        # LocalStack's GetAtt refuses numbers and booleans.
        return succeeded(answer["PhysicalResourceId"], properties, _as_text(answer.get("Data") or {}))

    def _call(self, request: ResourceRequest, kind: str, more: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
        name = uuid.uuid4().hex
        answer: Future[dict[str, Any]] = Future()
        with _lock:
            _awaited[name] = answer
        token = properties["ServiceToken"]
        event = {
            "RequestType": kind,
            "ServiceToken": token,
            "ResponseURL": f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}{_PATH}{name}",
            "StackId": request.stack_id,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": request.resource_type,
            "LogicalResourceId": request.logical_resource_id,
            "ResourceProperties": _as_text(properties),
            **more,
        }
        seconds = int(properties.get("ServiceTimeout") or _TIMEOUT_SECONDS)
        try:
            request.aws_client_factory.lambda_.invoke(FunctionName=token, InvocationType="Event", Payload=json.dumps(event))
            return answer.result(seconds)
        except FutureTimeout:
            reason = f"CloudFormation did not receive a response from your Custom Resource within {seconds} s: see the log of {token}"
            return {"Status": "FAILED", "Reason": reason}
        finally:
            with _lock:
                _awaited.pop(name, None)


def _reason(answer: dict[str, Any]) -> str:
    return f"Received response status [FAILED] from custom resource. Message returned: {answer.get('Reason', '')}"


def _as_text(value: Any) -> Any:
    """CloudFormation passes every scalar as text."""
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
