"""EC2 lists the local machines, which the gateway has, in place of instances that LocalStack would only record."""

from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.aws.api.ec2 import DescribeInstancesRequest, DescribeInstancesResult
from localstack.services.ec2.provider import Ec2Provider
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider
from moto.ec2.models import ec2_backends

from holdfast_localstack.gateway import post

_TIMEOUT_SECONDS = 5
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}


class Ec2WithMachines(Ec2Provider):
    @handler("DescribeInstances", expand=False)
    def describe_instances(self, context: RequestContext, describe_instances_request: DescribeInstancesRequest) -> DescribeInstancesResult:
        groups = {group.id: group for group in ec2_backends[context.account_id][context.region].describe_security_groups()}
        wanted = describe_instances_request.get("InstanceIds") or []
        filters = {each["Name"]: each["Values"] for each in describe_instances_request.get("Filters") or []}
        machines = post("machines", {}, _TIMEOUT_SECONDS)["machines"]
        listed = [_instance(machine, groups) for machine in machines if not wanted or machine["instanceId"] in wanted]
        missing = set(wanted) - {machine["InstanceId"] for machine in listed}
        if missing:
            names = ", ".join(sorted(missing))
            raise CommonServiceException("InvalidInstanceID.NotFound", f"The instance ID '{names}' does not exist", 400, True)
        found = [machine for machine in listed if all(_matches(machine, name, values) for name, values in filters.items())]
        reservations = [
            {"ReservationId": f"r-{machine['InstanceId'][2:]}", "OwnerId": context.account_id, "Groups": [], "Instances": [machine]}
            for machine in found
        ]
        return DescribeInstancesResult(Reservations=reservations)


def _instance(machine: dict[str, Any], groups: dict[str, Any]) -> dict[str, Any]:
    default = [name for name, group in groups.items() if group.name == "default"][:1]
    ids = machine["securityGroupIds"] or default
    private_ip = machine["privateIp"]
    profile = machine.get("instanceProfileArn")
    return {
        "InstanceId": machine["instanceId"],
        "ImageId": machine["imageId"],
        "InstanceType": machine["instanceType"],
        "State": {"Code": _CODES[machine["state"]], "Name": machine["state"]},
        "VpcId": next((groups[name].vpc_id for name in ids if name in groups), ""),
        "SubnetId": machine.get("subnetId", ""),
        "PrivateIpAddress": private_ip,
        "PrivateDnsName": f"ip-{private_ip.replace('.', '-')}.ec2.internal",
        "SecurityGroups": [{"GroupId": name, "GroupName": groups[name].name if name in groups else name} for name in ids],
        "Placement": {"AvailabilityZone": machine["availabilityZone"], "Tenancy": "default"},
        "Monitoring": {"State": "disabled"},
        "LaunchTime": datetime.fromtimestamp(machine["launchedAtMs"] / 1000, UTC),
        "Tags": [{"Key": key, "Value": value} for key, value in machine["tags"].items()],
        **({"IamInstanceProfile": {"Arn": profile, "Id": "AIPA0000000000000000"}} if profile else {}),
    }


def _matches(machine: dict[str, Any], name: str, values: list[str]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in machine["Tags"]}
    if name.startswith("tag:"):
        return tags.get(name[4:]) in values
    known = {
        "instance-id": [machine["InstanceId"]],
        "instance-state-name": [machine["State"]["Name"]],
        "private-ip-address": [machine["PrivateIpAddress"]],
        "vpc-id": [machine["VpcId"]],
        "availability-zone": [machine["Placement"]["AvailabilityZone"]],
        "instance.group-id": [group["GroupId"] for group in machine["SecurityGroups"]],
        "tag-key": list(tags),
    }
    if name not in known:
        raise CommonServiceException("InvalidParameterValue", f"The filter '{name}' is not emulated", 400, True)
    return bool(set(known[name]).intersection(values))


@aws_provider(api="ec2", name="holdfast")
def ec2() -> Service:
    return Service.for_provider(Ec2WithMachines(), dispatch_table_factory=MotoFallbackDispatcher)
