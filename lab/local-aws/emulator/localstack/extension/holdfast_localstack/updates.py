"""A resource that cannot be updated fails, and says why.

LocalStack takes its former state for the new one where it cannot update its type, and hides why an update failed.
"""

from localstack.services.cloudformation.resource_provider import ProgressEvent, ResourceProvider, ResourceRequest

from holdfast_localstack.models import failed


class Updating:
    """A provider of a type that says why it did not update a resource."""

    def __init__(self, provider: ResourceProvider) -> None:
        self._provider = provider

    def update(self, request: ResourceRequest) -> ProgressEvent:
        try:
            return self._provider.update(request)
        except NotImplementedError:
            why = f"LocalStack cannot update resources of the type {request.resource_type}"
        except Exception as error:
            why = str(error)
        return failed(f'Resource handler returned message: "{why}"')
