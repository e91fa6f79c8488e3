"""Fn::GetStackOutput, by which a template reads another stack's output without an export; LocalStack does not know it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from typing import Any

from localstack.services.cloudformation.engine.v2 import change_set_model
from localstack.services.cloudformation.engine.v2.change_set_model import NodeIntrinsicFunction
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import ChangeSetModelPreproc, PreprocEntityDelta
from localstack.services.cloudformation.engine.v2.change_set_model_visitor import ChangeSetModelVisitor
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.stores import get_cloudformation_store
from localstack.services.cloudformation.v2.provider import find_stack_v2

_NAME = "Fn::GetStackOutput"


def provide_stack_outputs() -> None:
    change_set_model.INTRINSIC_FUNCTIONS.add(_NAME)

    def visit(self: ChangeSetModelPreproc, node: NodeIntrinsicFunction) -> PreprocEntityDelta:
        def look_up(arguments: dict[str, Any]) -> str:
            change_set = self._change_set
            name, region = arguments["StackName"], arguments.get("Region") or change_set.region_name
            stack = find_stack_v2(get_cloudformation_store(change_set.account_id, region), name)
            for output in stack.resolved_outputs if stack else []:
                if output["OutputKey"] == arguments["OutputName"]:
                    return output["OutputValue"]
            raise ValidationError(f"The stack {name} has no output {arguments['OutputName']} in {region}")

        return self._cached_apply(scope=node.scope, arguments_delta=self.visit(node.arguments), resolver=look_up)

    ChangeSetModelVisitor.visit_node_intrinsic_function_fn_get_stack_output = ChangeSetModelVisitor.visit_children
    ChangeSetModelPreproc.visit_node_intrinsic_function_fn_get_stack_output = visit
