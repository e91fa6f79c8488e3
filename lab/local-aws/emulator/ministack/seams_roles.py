"""Seam: a function's execution role limits its log and its network interface; a target's role limits what a rule or schedule
starts."""

from roles import check_before
from seam import need

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
_INTERFACE_ACTIONS = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")


def open_seam(judge, lambda_svc, eventbridge, provisioners) -> None:
    _judge_functions(judge, lambda_svc, provisioners)
    _judge_rules(judge, eventbridge)


def _judge_functions(judge, lambda_svc, provisioners) -> None:
    emit_logs = need(lambda_svc, "_emit_lambda_logs")
    create = need(lambda_svc, "_create_function")
    respond_with_error = need(lambda_svc, "error_response_json")
    region, account = need(lambda_svc, "get_region"), need(lambda_svc, "get_account_id")

    def refusal_of(data):
        if not (data.get("VpcConfig") or {}).get("SubnetIds"):
            return None
        for action in _INTERFACE_ACTIONS:
            if judge(data.get("Role", ""), action, "*"):
                return f"The provided execution role does not have permissions to call {action.split(':')[1]} on EC2"
        return None

    def create_if_allowed(data):
        refusal = refusal_of(data)
        return respond_with_error("InvalidParameterValueException", refusal, 400) if refusal else create(data)

    def check_resource(properties):
        refusal = refusal_of(properties)
        if refusal:
            raise ValueError(refusal)

    def emit(func, request_id, log_text, error, duration_ms, *, log_source=None):
        """Log lines that the role does not allow are lost silently, as on AWS."""
        config = func.get("config") or func
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName', '')}"
        arn = f"arn:aws:logs:{region()}:{account()}:log-group:{group}:log-stream:any"
        refused = [judge(config.get("Role", ""), action, arn) for action in ("logs:CreateLogStream", "logs:PutLogEvents")]
        if not any(refused):
            emit_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)

    lambda_svc._create_function = create_if_allowed
    lambda_svc._emit_lambda_logs = emit
    check_before(provisioners, "AWS::Lambda::Function", check_resource)


def _judge_rules(judge, eventbridge) -> None:
    """An event that the role may not deliver is lost: EventBridge does not retry a call that was denied."""
    invoke = need(eventbridge, "_invoke_target")

    def invoke_if_allowed(target, event, rule, view=None):
        arn, role = target.get("Arn", ""), target.get("RoleArn")
        if ":states:" in arn and (not role or judge(role, "states:StartExecution", arn)):
            return None
        # A schedule names a role for every target; a rule has none for a function, whose own policy admits it.
        if ":lambda:" in arn and role and judge(role, "lambda:InvokeFunction", arn):
            return None
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_if_allowed
