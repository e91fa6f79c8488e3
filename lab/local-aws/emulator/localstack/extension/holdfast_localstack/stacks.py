"""DescribeStacks of a stack that changes waits a little, creations of resources fail or take longer as a test has set,
and what is beyond a limit of AWS is refused."""

import time

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudformation import DescribeStacksOutput, NextToken, StackName
from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceProviderExecutor,
    ResourceProviderPayload,
)
from localstack.services.cloudformation.stores import get_cloudformation_store
from localstack.services.cloudformation.v2.provider import CloudformationProviderV2, find_stack_v2
from localstack.services.plugins import Service, aws_provider
from localstack.utils.patch import patch

from holdfast_localstack.faults import fault_for
from holdfast_localstack.gateway import Refused, post
from holdfast_localstack.models import failed
from holdfast_localstack.updates import Updating

# cdk polls a stack every 5 s. Here a stack takes some seconds, and several are deployed one after the other.
_LONGEST_WAIT_SECONDS = 15.0
_POLL_SECONDS = 0.05
_CHECK_SECONDS = 10


class CloudFormationThatWaits(CloudformationProviderV2):
    @handler("DescribeStacks")
    def describe_stacks(
        self, context: RequestContext, stack_name: StackName = None, next_token: NextToken = None, **kwargs: object
    ) -> DescribeStacksOutput:
        if stack_name:
            state = get_cloudformation_store(context.account_id, context.region)
            deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
            while _is_changing(find_stack_v2(state, stack_name)) and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        return super().describe_stacks(context, stack_name, next_token, **kwargs)


def _is_changing(stack: object) -> bool:
    status = str(getattr(stack, "status", ""))
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


@aws_provider(api="cloudformation", name="holdfast")
def cloudformation() -> Service:
    return Service.for_provider(CloudFormationThatWaits())


def fail_creations() -> None:
    @patch(ResourceProviderExecutor.execute_action)
    def execute_action(
        fn, self: ResourceProviderExecutor, resource_provider: ResourceProvider, raw_payload: ResourceProviderPayload
    ) -> ProgressEvent:
        if raw_payload["action"] == "Add" and not raw_payload["callbackContext"]:
            logical_id = raw_payload["requestData"]["logicalResourceId"]
            wanted = {"stack": self.stack_name, "type": raw_payload["resourceType"], "logicalId": logical_id}
            effect = fault_for("of-creation", wanted) or {}
            if effect.get("kind") == "error":
                return failed(f'Resource handler returned message: "{effect["message"]}"')
            if effect.get("kind") == "delay":
                time.sleep(effect["ms"] / 1000)
        if raw_payload["action"] != "Remove":
            properties = raw_payload["requestData"].get("resourceProperties") or {}
            try:
                post("cloudformation", {"action": "check", "type": raw_payload["resourceType"], "properties": properties}, _CHECK_SECONDS)
            except (Refused, OSError) as error:
                return failed(f'Resource handler returned message: "{error}"')
        updates = raw_payload["action"] in ("Modify", "Dynamic")
        event = fn(self, Updating(resource_provider) if updates else resource_provider, raw_payload)
        if cause := (event.custom_context or {}).get("exception"):
            event.message = f"{event.message}: {cause}"
        return event
