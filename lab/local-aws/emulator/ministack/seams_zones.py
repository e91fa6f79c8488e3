"""Seam: a Region has the zone letters that a new account gets there, and no subnet is in another zone.

MiniStack has a, b and c everywhere, ignores the filters, and creates a subnet in any zone.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
"""

from seam import need

# Letters that differ by account: a new one lacks these. Every other Region has a, b and c.
_LETTERS = {
    "us-east-1": "abcdef",
    "us-east-2": "abc",
    "us-west-1": "ac",
    "us-west-2": "abcd",
    "ca-central-1": "abd",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
}
_FILTERS = {"zone-name": "zoneName", "zone-type": "zoneType", "state": "zoneState", "region-name": "regionName", "zone-id": "zoneId"}


def open_seam(ec2, provisioners) -> None:
    region_of, id_of, answer, error = (need(ec2, name) for name in ("get_region", "_az_id_for_zone_name", "_xml", "_error"))
    actions, read_filters, parameter = need(ec2, "_ACTION_MAP"), need(ec2, "_parse_filters"), need(ec2, "_p")
    create = actions["CreateSubnet"]
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    handler = handlers["AWS::EC2::Subnet"]

    def zones():
        region = region_of()
        for letter in _LETTERS.get(region, "abc"):
            name = f"{region}{letter}"
            yield {
                "zoneName": name,
                "zoneState": "available",
                "regionName": region,
                "zoneId": id_of(name),
                "groupName": f"{region}-zg-1",
                "networkBorderGroup": region,
                "optInStatus": "opt-in-not-required",
                "zoneType": "availability-zone",
            }

    def describe(params):
        filters = read_filters(params)
        found = [
            zone
            for zone in zones()
            if all(zone[_FILTERS[name]] in values for name, values in filters.items() if name in _FILTERS)
        ]
        items = "".join(f"<item>{''.join(f'<{key}>{value}</{key}>' for key, value in zone.items())}</item>" for zone in found)
        return answer(200, "DescribeAvailabilityZonesResponse", f"<availabilityZoneInfo>{items}</availabilityZoneInfo>")

    def refusal_of(zone):
        names = [one["zoneName"] for one in zones()]
        if not zone or zone in names:
            return None
        return (
            f"Value ({zone}) for parameter availabilityZone is invalid. "
            f"Subnets can currently only be created in the following availability zones: {', '.join(names)}."
        )

    def create_subnet(params):
        refusal = refusal_of(parameter(params, "AvailabilityZone"))
        return error("InvalidParameterValue", refusal, 400) if refusal else create(params)

    def provision(logical_id, properties, stack_name):
        refusal = refusal_of(properties.get("AvailabilityZone"))
        if refusal:
            raise ValueError(f'Resource handler returned message: "{refusal}"')
        return handler["create"](logical_id, properties, stack_name)

    actions["DescribeAvailabilityZones"] = describe
    actions["CreateSubnet"] = create_subnet
    handlers["AWS::EC2::Subnet"] = {**handler, "create": provision}
