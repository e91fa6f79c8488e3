"""Seam: EC2 lists the local machines, a launch template's interface has its security groups, and a function its VPC.

The gateway has the machines; MiniStack has EC2's API. Before DescribeInstances is answered, MiniStack's instances are
those machines, and the ones that it started itself, which are no machines.
"""

import re
import time

from seam import need, post

_TIMEOUT_SECONDS = 5
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}
_GROUPS = re.compile(r"<groupSet>(.*?)</groupSet>", re.DOTALL)


def open_seam(ec2, provisioners, lambda_svc, gateway: str) -> None:
    _list_machines(ec2, gateway)
    _name_groups(ec2)
    _keep_vpc(provisioners, lambda_svc)


def _list_machines(ec2, gateway: str) -> None:
    instances, tags, groups = need(ec2, "_instances"), need(ec2, "_tags"), need(ec2, "_security_groups")
    describe, matches = need(ec2, "_describe_instances"), need(ec2, "_matches_filters")
    actions = need(ec2, "_ACTION_MAP")
    synchronized: set = set()

    def record(machine: dict) -> dict:
        ids = machine["securityGroupIds"] or [name for name, group in groups.items() if group.get("GroupName") == "default"][:1]
        vpc_id = next((groups[name]["VpcId"] for name in ids if name in groups), "")
        private_ip = machine["privateIp"]
        return {
            "InstanceId": machine["instanceId"],
            "ImageId": machine["imageId"],
            "InstanceType": machine["instanceType"],
            "State": {"Code": _CODES[machine["state"]], "Name": machine["state"]},
            "SubnetId": machine.get("subnetId", ""),
            "VpcId": vpc_id,
            "PrivateIpAddress": private_ip,
            "PublicIpAddress": "",
            "PrivateDnsName": f"ip-{private_ip.replace('.', '-')}.ec2.internal",
            "PublicDnsName": "",
            "SecurityGroups": [{"GroupId": name, "GroupName": groups.get(name, {}).get("GroupName", name)} for name in ids],
            "Architecture": "x86_64",
            "RootDeviceType": "ebs",
            "RootDeviceName": "/dev/xvda",
            "Hypervisor": "xen",
            "Virtualization": "hvm",
            "Placement": {"AvailabilityZone": machine["availabilityZone"], "Tenancy": "default"},
            "Monitoring": {"State": "disabled"},
            "AmiLaunchIndex": 0,
            "LaunchTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(machine["launchedAtMs"] / 1000)),
            "IamInstanceProfile": {"Arn": machine["instanceProfileArn"]} if machine.get("instanceProfileArn") else None,
        }

    def describe_machines(params):
        machines = post(gateway, "/_holdfast/machines", {}, _TIMEOUT_SECONDS)["machines"]
        for name in synchronized:
            instances.pop(name, None)
            tags.pop(name, None)
        synchronized.clear()
        for machine in machines:
            name = machine["instanceId"]
            instances[name] = record(machine)
            tags[name] = [{"Key": key, "Value": value} for key, value in machine["tags"].items()]
            synchronized.add(name)
        return describe(params)

    def matches_all(instance, filters):
        """MiniStack ignores the filters that it does not know."""
        known = {
            "instance-id": [instance["InstanceId"]],
            "private-ip-address": [instance["PrivateIpAddress"]],
            "vpc-id": [instance["VpcId"]],
            "availability-zone": [instance["Placement"]["AvailabilityZone"]],
            "instance.group-id": [group["GroupId"] for group in instance.get("SecurityGroups", [])],
        }
        return matches(instance, filters) and all(
            set(known[name]).intersection(values) for name, values in filters.items() if name in known
        )

    ec2._matches_filters = matches_all
    actions["DescribeInstances"] = describe_machines


def _name_groups(ec2) -> None:
    """The security groups of a launch template's interface: SDKs find them by EC2's own element name.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateInstanceNetworkInterfaceSpecification.html
    """
    write = need(ec2, "_lt_version_xml")

    def write_groups(version):
        return _GROUPS.sub(lambda found: f"<groupSet>{found[1].replace('item>', 'groupId>')}</groupSet>", write(version))

    ec2._lt_version_xml = write_groups


def _keep_vpc(provisioners, lambda_svc) -> None:
    """CloudFormation's functions keep their VpcConfig, which GetFunctionConfiguration then returns."""
    handler = need(provisioners, "_RESOURCE_HANDLERS")["AWS::Lambda::Function"]
    create, update = handler["create"], handler["update"]
    with_id, functions = need(lambda_svc, "_vpc_config_with_id"), need(lambda_svc, "_functions")

    def keep(result, properties):
        function = functions.get(result[0])
        if function is not None:
            function["config"]["VpcConfig"] = with_id(properties.get("VpcConfig"))
        return result

    def update_and_keep(physical_id, old, new, *rest, **named):
        return keep(update(physical_id, old, new, *rest, **named), new)

    handler["create"] = lambda logical_id, properties, stack: keep(create(logical_id, properties, stack), properties)
    handler["update"] = update_and_keep
