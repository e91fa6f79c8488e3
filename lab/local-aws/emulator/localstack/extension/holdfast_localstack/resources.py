"""Resource types that LocalStack's CloudFormation lacks, although the service itself is there."""

import uuid
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from localstack.services.stepfunctions.resource_providers.aws_stepfunctions_statemachine import StepFunctionsStateMachineProvider

from holdfast_localstack.custom_resource import CustomResource
from holdfast_localstack.models import SCHEMA, deleted, physical_id_of, succeeded

_NEVER_UPDATED = "INITIAL"
"""What CloudFormation calls the revision of such a state machine."""


class LaunchTemplate(ResourceProvider):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html"""

    SCHEMA = {**SCHEMA, "createOnlyProperties": ["/properties/LaunchTemplateName"]}

    def create(self, request: ResourceRequest) -> ProgressEvent:
        properties = request.desired_state
        name = properties.get("LaunchTemplateName") or f"{request.logical_resource_id}_{uuid.uuid4().hex[:12]}"
        tags = {"TagSpecifications": properties["TagSpecifications"]} if properties.get("TagSpecifications") else {}
        made = request.aws_client_factory.ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData=properties["LaunchTemplateData"], **tags
        )
        return _launch_template(made["LaunchTemplate"]["LaunchTemplateId"], properties, 1)

    def update(self, request: ResourceRequest) -> ProgressEvent:
        template_id = physical_id_of(request.previous_state)
        made = request.aws_client_factory.ec2.create_launch_template_version(
            LaunchTemplateId=template_id, LaunchTemplateData=request.desired_state["LaunchTemplateData"]
        )
        return _launch_template(template_id, request.desired_state, made["LaunchTemplateVersion"]["VersionNumber"])

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        request.aws_client_factory.ec2.delete_launch_template(LaunchTemplateId=physical_id_of(request.desired_state))
        return deleted()


def _launch_template(template_id: str, properties: dict[str, Any], version: int) -> ProgressEvent:
    attributes = {"LaunchTemplateId": template_id, "DefaultVersionNumber": "1", "LatestVersionNumber": str(version)}
    return succeeded(template_id, properties, attributes)


class StateMachine(StepFunctionsStateMachineProvider):
    """LocalStack's own, with the revision that a version names."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        return _with_revision(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        event = super().update(request)
        if event.resource_model:
            event.resource_model.setdefault("Name", (request.previous_state or {}).get("Name"))
            role = {"roleArn": request.desired_state["RoleArn"]}
            request.aws_client_factory.stepfunctions.update_state_machine(stateMachineArn=event.resource_model["Arn"], **role)
        return _with_revision(request, event)


def _with_revision(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    if event.resource_model:
        states = request.aws_client_factory.stepfunctions
        described = states.describe_state_machine(stateMachineArn=event.resource_model["Arn"])
        event.resource_model["StateMachineRevisionId"] = described.get("revisionId") or _NEVER_UPDATED
    return event


class StateMachineVersion(ResourceProvider):
    """Any change is a replacement; UpdateReplacePolicy decides about the previous one.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachineversion.html
    """

    SCHEMA = {
        **SCHEMA,
        "createOnlyProperties": [f"/properties/{name}" for name in ("StateMachineArn", "StateMachineRevisionId", "Description")],
    }

    def create(self, request: ResourceRequest) -> ProgressEvent:
        properties = request.desired_state
        revision = properties.get("StateMachineRevisionId")
        made = request.aws_client_factory.stepfunctions.publish_state_machine_version(
            stateMachineArn=properties["StateMachineArn"],
            description=properties.get("Description", ""),
            # A machine that was never updated has no revision in LocalStack.
            **({"revisionId": revision} if revision not in (None, _NEVER_UPDATED) else {}),
        )
        arn = made["stateMachineVersionArn"]
        return succeeded(arn, properties, {"Arn": arn})

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        arn = physical_id_of(request.desired_state)
        request.aws_client_factory.stepfunctions.delete_state_machine_version(stateMachineVersionArn=arn)
        return deleted()


class Plugin(CloudFormationResourceProviderPlugin):
    factory: type[ResourceProvider]

    def load(self, *_args: Any, **_kwargs: Any) -> None:
        pass


class LaunchTemplatePlugin(Plugin):
    name = "AWS::EC2::LaunchTemplate"
    factory = LaunchTemplate


class StateMachinePlugin(Plugin):
    name = "AWS::StepFunctions::StateMachine"
    factory = StateMachine


class StateMachineVersionPlugin(Plugin):
    name = "AWS::StepFunctions::StateMachineVersion"
    factory = StateMachineVersion


class CustomResourcePlugin(Plugin):
    name = "AWS::CloudFormation::CustomResource"
    factory = CustomResource
