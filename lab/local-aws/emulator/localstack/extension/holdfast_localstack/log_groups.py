"""A function's lines are in the log group of its LoggingConfig: LocalStack writes all of them below /aws/lambda.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
"""

from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.utils.patch import patch


def use_configured_log_groups() -> None:
    @patch(ExecutionEnvironment.get_log_group_name)
    def get_log_group_name(fn, self: ExecutionEnvironment) -> str:
        logging_config = self.function_version.config.logging_config or {}
        return logging_config.get("LogGroup") or fn(self)
