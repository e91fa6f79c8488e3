"""A template's variables never replace those of the runtime, as on AWS; in LocalStack they do."""

import dataclasses

from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.utils.patch import patch


def keep_runtime_variables() -> None:
    @patch(ExecutionEnvironment.get_environment_variables)
    def get_environment_variables(fn, self: ExecutionEnvironment) -> dict[str, str]:
        version = self.function_version
        # The executor adds the template's own.
        self.function_version = dataclasses.replace(version, config=dataclasses.replace(version.config, environment=None))
        try:
            return fn(self)
        finally:
            self.function_version = version
