"""Seam: policies limit two calls of IAM by their resource, where MiniStack takes every resource.

GetInstanceProfile is judged by the profile, SimulatePrincipalPolicy by the user or role whose policies are simulated.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from seam import need

_PROFILE = "InstanceProfileName"
_SIMULATED = "PolicySourceArn"


def open_seam(actions) -> None:
    resource_of = need(actions, "extract_resource_arn")
    read = need(actions, "_query_param")

    def with_profiles(service, method, path, headers, body, query_params, region, account_id):
        resource = resource_of(service, method, path, headers, body, query_params, region, account_id)
        if service != "iam" or resource != "*":
            return resource
        profile = read(query_params, _PROFILE)
        if profile:
            return f"arn:aws:iam::{account_id}:instance-profile/{profile}"
        return read(query_params, _SIMULATED) or resource

    actions.extract_resource_arn = with_profiles
