"""The environment of a function's process."""

from typing import Any

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

from holdfast_localstack.settings import SETTINGS

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_OF_THE_RUNTIME = (
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_LEVEL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "_HANDLER",
)


def environment_of(version: FunctionVersion, given: dict[str, Any]) -> dict[str, str]:
    """The template's variables never replace the runtime's, as on AWS; LocalStack's environment is not passed on."""
    runtime = {name: str(given[name]) for name in _OF_THE_RUNTIME if name in given}
    return {
        **(version.config.environment or {}),
        **runtime,
        **SETTINGS.function_environment,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version.config.runtime}",
        "LAMBDA_TASK_ROOT": str(version.config.code.get_unzipped_code_location()),
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
    }

