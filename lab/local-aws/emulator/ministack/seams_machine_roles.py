"""Seam: a state machine's role limits which functions it invokes and which executions it starts and watches.

A state machine is created only if its role may set up the managed rule that watches children and the log delivery.
"""

import json
import re

from roles import check_before
from seam import need
from seams_stepfunctions import role_of, running

# AWS's names for the error of a task that the role does not allow.
_LAMBDA_ERROR = "Lambda.AWSLambdaException"
_STATES_ERROR = "StepFunctions.AWSStepFunctionsException"
# https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
_RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
_DELIVERY_ACTIONS = ("logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups")


def _without_version(machine_arn):
    """Permissions are checked on the state machine itself, whichever version is named.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    return re.sub(r"(:stateMachine:[^:]+):[0-9]+$", r"\1", machine_arn)


def open_seam(judge, stepfunctions, provisioners) -> None:
    _judge_tasks(judge, stepfunctions)
    _judge_machines(judge, stepfunctions, provisioners)


def _judge_tasks(judge, stepfunctions) -> None:
    invoke = need(stepfunctions, "_invoke_resource")
    start_sync = need(stepfunctions, "_start_sync_execution")
    error_of = need(stepfunctions, "_ExecutionError")
    function_of = need(stepfunctions, "_extract_lambda_ref")
    respond_with_error = need(stepfunctions, "error_response_json")

    def refuse(error, refusal):
        if refusal:
            raise error_of(error, refusal)

    def invoke_if_allowed(resource, input_data):
        role = role_of(stepfunctions, running.get())
        if role:
            if "states:::lambda:invoke" in resource:
                refuse(_LAMBDA_ERROR, judge(role, "lambda:InvokeFunction", input_data.get("FunctionName", "")))
            elif function_of(resource):
                refuse(_LAMBDA_ERROR, judge(role, "lambda:InvokeFunction", resource))
            elif resource.startswith("arn:aws:states:::states:startExecution"):
                machine = input_data.get("StateMachineArn") or input_data.get("stateMachineArn") or ""
                refuse(_STATES_ERROR, judge(role, "states:StartExecution", _without_version(machine)))
        return invoke(resource, input_data)

    def start_and_describe(data):
        """A parent learns how its child ended by describing it."""
        answer = start_sync(data)
        role, child = role_of(stepfunctions, running.get()), json.loads(answer[2] or "{}").get("executionArn")
        refusal = judge(role, "states:DescribeExecution", child) if role and child else None
        return respond_with_error(_STATES_ERROR, refusal, 400) if refusal else answer

    stepfunctions._invoke_resource = invoke_if_allowed
    stepfunctions._start_sync_execution = start_and_describe


def _judge_machines(judge, stepfunctions, provisioners) -> None:
    """Creating or changing a state machine is refused when its role lacks what Step Functions sets up with it."""
    region, account = need(stepfunctions, "get_region"), need(stepfunctions, "get_account_id")
    respond_with_error = need(stepfunctions, "error_response_json")
    machines = need(stepfunctions, "_state_machines")

    def refusal_of(role, definition, logging):
        if not role:
            return None
        if "states:startExecution.sync" in str(definition):
            rule = f"arn:aws:events:{region()}:{account()}:{_RULE}"
            if any([judge(role, action, rule) for action in _RULE_ACTIONS]):
                return f"'{role}' is not authorized to create managed-rule."
        level = (logging or {}).get("level") or (logging or {}).get("Level") or "OFF"
        if level != "OFF" and any([judge(role, action, "*") for action in _DELIVERY_ACTIONS]):
            return "The state machine IAM Role is not authorized to access the Log Destination"
        return None

    def guarded_operation(name):
        operation = need(stepfunctions, name)

        def operate(data):
            known = machines.get(data.get("stateMachineArn", "")) or {}
            given = [data.get(key) or known.get(key) for key in ("roleArn", "definition", "loggingConfiguration")]
            refusal = refusal_of(*given)
            return respond_with_error("AccessDeniedException", refusal, 400) if refusal else operation(data)

        setattr(stepfunctions, name, operate)

    def check_resource(properties):
        definition = properties.get("DefinitionString") or json.dumps(properties.get("Definition", {}), default=str)
        refusal = refusal_of(properties.get("RoleArn"), definition, properties.get("LoggingConfiguration"))
        if refusal:
            raise ValueError(refusal)

    for name in ("_create_state_machine", "_update_state_machine"):
        guarded_operation(name)
    check_before(provisioners, "AWS::StepFunctions::StateMachine", check_resource)
