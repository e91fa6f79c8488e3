"""CloudFormation reads parameters of Parameter Store at the gateway, which owns Systems Manager.

A template's parameter of type AWS::SSM::Parameter::Value (the CDK's BootstrapVersion) and a dynamic reference name them.
"""

from localstack.services.cloudformation.engine.v2 import change_set_model_preproc as preproc
from localstack.services.cloudformation.engine.v2.resolving import DynamicReference
from localstack.services.cloudformation.v2 import provider

from holdfast_localstack.gateway import post

# Below what any client waits: the gateway answers from memory.
_TIMEOUT_SECONDS = 10


def _read(name: str) -> str:
    wanted = {"action": "read", "type": "AWS::SSM::Parameter", "physicalId": name}
    return post("cloudformation", wanted, _TIMEOUT_SECONDS)["attributes"]["Value"]


def read_parameters_at_gateway() -> None:
    look_up = preproc.perform_dynamic_reference_lookup

    def resolve_ssm_parameter(account_id: str, region_name: str, stack_parameter_value: str) -> str:
        return _read(stack_parameter_value)

    def perform_dynamic_reference_lookup(reference: DynamicReference, account_id: str, region_name: str) -> str | None:
        if reference.service_name in ("ssm", "ssm-secure"):
            return _read(reference.reference_key)
        return look_up(reference, account_id, region_name)

    provider.resolve_ssm_parameter = resolve_ssm_parameter
    preproc.perform_dynamic_reference_lookup = perform_dynamic_reference_lookup
