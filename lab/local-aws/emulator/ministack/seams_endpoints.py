"""Seam: an endpoint of a VPC keeps its private DNS and its security groups, and a filter by VPC leaves out the others'.

MiniStack's API forgets both when it creates an endpoint, never shows them, and ignores filters.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
"""

from seam import need


def open_seam(ec2) -> None:
    actions, endpoints = need(ec2, "_ACTION_MAP"), need(ec2, "_vpc_endpoints")
    parameter, members, answer = (need(ec2, name) for name in ("_p", "_parse_member_list", "_xml"))
    create, fields_of, filters_of = actions["CreateVpcEndpoint"], need(ec2, "_vpce_fields_xml"), need(ec2, "_parse_filters")

    def create_endpoint(params):
        known = set(endpoints.keys())
        reply = create(params)
        for endpoint_id in set(endpoints.keys()) - known:
            endpoint = endpoints[endpoint_id]
            endpoint["SecurityGroupIds"] = members(params, "SecurityGroupId")
            # As on AWS, an interface has private DNS unless it is turned off.
            named = parameter(params, "PrivateDnsEnabled") or "true"
            endpoint["PrivateDnsEnabled"] = endpoint["VpcEndpointType"] == "Interface" and named == "true"
        return reply

    def all_fields_of(endpoint, tag="item"):
        groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("SecurityGroupIds", []))
        named = str(bool(endpoint.get("PrivateDnsEnabled"))).lower()
        more = f"<groupSet>{groups}</groupSet><privateDnsEnabled>{named}</privateDnsEnabled>"
        head, end, _ = fields_of(endpoint, tag=tag).rpartition(f"</{tag}>")
        return f"{head}{more}{end}"

    def describe(params):
        ids, vpc_ids = members(params, "VpcEndpointId"), filters_of(params).get("vpc-id", [])
        found = [
            endpoint
            for endpoint in endpoints.values()
            if (not ids or endpoint["VpcEndpointId"] in ids) and (not vpc_ids or endpoint["VpcId"] in vpc_ids)
        ]
        items = "".join(all_fields_of(endpoint) for endpoint in found)
        return answer(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{items}</vpcEndpointSet>")

    ec2._vpce_fields_xml = all_fields_of
    actions["CreateVpcEndpoint"] = create_endpoint
    actions["DescribeVpcEndpoints"] = describe
