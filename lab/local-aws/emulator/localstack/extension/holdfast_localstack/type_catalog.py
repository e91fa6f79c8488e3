"""Which resource types a stack can have: those that LocalStack, this extension or the gateway provides.

LocalStack asks a catalogue before it creates anything, by default a remote one, which knows LocalStack's types alone.
"""

from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor
from localstack.utils.catalog.catalog import AwsServicesSupportStatus, CatalogPlugin, CfnResourceSupportStatus
from localstack.utils.catalog.common import AwsServiceSupportAtRuntime, CloudFormationResourcesSupportAtRuntime


class ProvidedTypes(CatalogPlugin):
    # LocalStack takes a catalogue of this name where there is one.
    name = "aws-catalog-remote-state-with-license"

    def get_aws_service_status(self, service_name: str, operation_name: str | None = None) -> AwsServicesSupportStatus | None:
        return AwsServiceSupportAtRuntime.AVAILABLE

    def get_cloudformation_resource_status(
        self, resource_name: str, service_name: str, is_pro_resource: bool = False
    ) -> CfnResourceSupportStatus | AwsServicesSupportStatus | None:
        if ResourceProviderExecutor.try_load_resource_provider(resource_name):
            return CloudFormationResourcesSupportAtRuntime.AVAILABLE
        return CloudFormationResourcesSupportAtRuntime.NOT_IMPLEMENTED
