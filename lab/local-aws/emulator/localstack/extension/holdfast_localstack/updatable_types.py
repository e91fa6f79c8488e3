"""Resource types that LocalStack creates and cannot update, as far as a second `cdk deploy` of changed settings needs it."""

from typing import Any

from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent, ResourceRequest
from localstack.services.events.resource_providers.aws_events_rule import EventsRuleProvider, extract_rule_name
from localstack.services.lambda_.resource_providers.lambda_alias import LambdaAliasProvider
from localstack.services.scheduler.resource_providers.aws_scheduler_schedule import SchedulerScheduleProvider

from holdfast_localstack.resources import Plugin


# LocalStack replaces a resource when one that a create-only property refers to has changed, and cannot create the same name twice.
_NEVER_REPLACED: dict[str, Any] = {"createOnlyProperties": []}


class Alias(LambdaAliasProvider):
    SCHEMA = {**LambdaAliasProvider.SCHEMA, **_NEVER_REPLACED}

    def update(self, request: ResourceRequest) -> ProgressEvent:
        wanted = _chosen(request.desired_state, "FunctionName", "FunctionVersion", "Name", "Description", "RoutingConfig")
        request.aws_client_factory.lambda_.update_alias(**wanted)
        return _updated(request)


class Rule(EventsRuleProvider):
    SCHEMA = {**EventsRuleProvider.SCHEMA, **_NEVER_REPLACED}

    def update(self, request: ResourceRequest) -> ProgressEvent:
        previous, wanted = request.previous_state or {}, request.desired_state
        wanted["Name"] = extract_rule_name(previous["Id"])
        # PutRule and PutTargets replace what has the same name and id.
        event = self.create(request)
        left = {target["Id"] for target in previous.get("Targets") or []} - {target["Id"] for target in wanted.get("Targets") or []}
        if left:
            bus = _chosen(wanted, "EventBusName")
            request.aws_client_factory.events.remove_targets(Rule=wanted["Name"], Ids=sorted(left), **bus)
        return event


class Schedule(SchedulerScheduleProvider):
    SCHEMA = {**SchedulerScheduleProvider.SCHEMA, **_NEVER_REPLACED}

    def update(self, request: ResourceRequest) -> ProgressEvent:
        # ENABLED is AWS's default. LocalStack sets no state by itself, and a schedule without one does not fire.
        wanted = {"Name": (request.previous_state or {})["Name"], "State": "ENABLED", **request.desired_state}
        names = ("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression",
                 "ScheduleExpressionTimezone", "StartDate", "State", "Target")  # fmt: skip
        request.aws_client_factory.scheduler.update_schedule(**_chosen(wanted, *names))
        return _updated(request)


def _chosen(properties: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: properties[name] for name in names if properties.get(name) is not None}


def _updated(request: ResourceRequest) -> ProgressEvent:
    """The event of an update in place, which keeps the resource's id."""
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={**(request.previous_state or {}), **request.desired_state})


class AliasPlugin(Plugin):
    name = "AWS::Lambda::Alias"
    factory = Alias


class RulePlugin(Plugin):
    name = "AWS::Events::Rule"
    factory = Rule


class SchedulePlugin(Plugin):
    name = "AWS::Scheduler::Schedule"
    factory = Schedule
