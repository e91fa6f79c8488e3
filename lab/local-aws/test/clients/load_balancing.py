"""Elastic Load Balancing: everything that its service here can do."""


import command_line


def network(watch):
    """Two subnets and a security group of the emulator's."""
    ec2 = watch.client("ec2")
    watch.expect("zones", bool(ec2.describe_availability_zones()["AvailabilityZones"]), True)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    return subnets, group


def run(watch):
    elb = watch.client("elbv2")
    subnets, security_group = network(watch)
    made = [
        elb.create_load_balancer(Name=f"clients-{n}", Subnets=subnets, SecurityGroups=[security_group], Tags=[{"Key": "n", "Value": str(n)}])
        for n in range(3)
    ]
    arns = [one["LoadBalancers"][0]["LoadBalancerArn"] for one in made]
    arn = arns[0]
    watch.wait("elbv2", "load_balancer_exists", Names=["clients-0"])
    watch.wait("elbv2", "load_balancer_available", LoadBalancerArns=arns)
    watch.pages("elbv2", "describe_load_balancers", "LoadBalancers", 1, least=3)
    groups = [
        elb.create_target_group(Name=f"clients-{n}", Protocol="HTTP", Port=8080, VpcId="vpc-1", HealthCheckPath="/health", TargetType="ip")
        for n in range(3)
    ]
    group_arns = [one["TargetGroups"][0]["TargetGroupArn"] for one in groups]
    group = group_arns[0]
    watch.pages("elbv2", "describe_target_groups", "TargetGroups", 1, least=3)
    attributes(watch, elb, arn, group)
    listeners(watch, elb, arn, group_arns)
    targets(elb, group)
    refusals(watch, elb, arn, group)
    elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[security_group])
    elb.set_subnets(LoadBalancerArn=arn, Subnets=subnets)
    elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="ipv4")
    elb.add_tags(ResourceArns=[arn, group], Tags=[{"Key": "colour", "Value": "<blue> & \"green\""}])
    tags = elb.describe_tags(ResourceArns=[arn, group])["TagDescriptions"]
    watch.expect("a tag", {tag["Key"]: tag["Value"] for tag in tags[1]["Tags"]}, {"colour": "<blue> & \"green\""})
    elb.remove_tags(ResourceArns=[arn], TagKeys=["colour"])
    watch.pages("elbv2", "describe_account_limits", "Limits", 2)
    for one in arns:
        elb.delete_load_balancer(LoadBalancerArn=one)
    watch.wait("elbv2", "load_balancers_deleted", LoadBalancerArns=arns)
    for one in group_arns:
        elb.delete_target_group(TargetGroupArn=one)


def attributes(watch, elb, arn, group):
    elb.describe_load_balancer_attributes(LoadBalancerArn=arn)
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "61"}])
    elb.describe_target_group_attributes(TargetGroupArn=group)
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}
    stickiness = [{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"}]
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay, *stickiness])
    elb.modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, Matcher={"HttpCode": "200-299"})


def listeners(watch, elb, arn, groups):
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000"
    forward = [{"Type": "forward", "TargetGroupArn": groups[0]}]
    made = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    secure = elb.create_listener(
        LoadBalancerArn=arn, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}], DefaultActions=forward
    )
    listener = made["Listeners"][0]["ListenerArn"]
    secure_arn = secure["Listeners"][0]["ListenerArn"]
    watch.pages("elbv2", "describe_listeners", "Listeners", 1, LoadBalancerArn=arn)
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elb.modify_listener(ListenerArn=listener, DefaultActions=[redirect])
    elb.modify_listener(ListenerArn=listener, DefaultActions=forward)
    elb.describe_listener_attributes(ListenerArn=listener)
    server = {"Key": "routing.http.response.server.enabled", "Value": "true"}
    elb.modify_listener_attributes(ListenerArn=listener, Attributes=[server])
    second = certificate.replace("4000", "4001")
    elb.add_listener_certificates(ListenerArn=secure_arn, Certificates=[{"CertificateArn": second}])
    watch.pages("elbv2", "describe_listener_certificates", "Certificates", 1, ListenerArn=secure_arn)
    elb.remove_listener_certificates(ListenerArn=secure_arn, Certificates=[{"CertificateArn": second}])
    rules = rules_of_each_kind(elb, listener, groups)
    watch.pages("elbv2", "describe_rules", "Rules", 2, least=3, ListenerArn=listener)
    elb.describe_rules(RuleArns=rules[:1])
    elb.modify_rule(RuleArn=rules[0], Conditions=[{"Field": "path-pattern", "Values": ["/other/*"]}])
    elb.set_rule_priorities(RulePriorities=[{"RuleArn": rules[0], "Priority": 90}])
    elb.describe_tags(ResourceArns=[listener, rules[0]])
    command_line.load_balancing(watch, "clients-0", arn, groups[0], rules[1])
    elb.delete_rule(RuleArn=rules[0])
    elb.delete_listener(ListenerArn=secure_arn)


def rules_of_each_kind(elb, listener, groups):
    """One for each kind of condition and of action."""
    weighted = {
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": arn, "Weight": 1} for arn in groups[:2]],
            "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
        },
    }
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "no"}}
    redirect = {"Type": "redirect", "RedirectConfig": {"Host": "example.com", "StatusCode": "HTTP_302"}}
    forward = {"Type": "forward", "TargetGroupArn": groups[0]}
    kinds = [
        ({"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a*"]}}, weighted),
        ({"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}, fixed),
        ({"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-colour", "Values": ["blue"]}}, redirect),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}, forward),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, forward),
        ({"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "k", "Value": "v"}, {"Value": "alone"}]}}, forward),
    ]
    made = []
    for priority, (condition, action) in enumerate(kinds, start=1):
        reply = elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[action])
        made.append(reply["Rules"][0]["RuleArn"])
    return made


def targets(elb, group):
    """Calls for targets at addresses that no machine has; the calls for machines are in machines.py."""
    nobody = [{"Id": f"10.0.0.{n}", "Port": 8080} for n in range(1, 3)]
    elb.register_targets(TargetGroupArn=group, Targets=nobody)
    elb.describe_target_health(TargetGroupArn=group)
    elb.deregister_targets(TargetGroupArn=group, Targets=nobody[:1])
    elb.describe_target_health(TargetGroupArn=group, Targets=[*nobody, {"Id": "10.0.0.9", "Port": 2}])


def refusals(watch, elb, arn, group):
    watch.refused("LoadBalancerNotFound", elb.describe_load_balancers, Names=["none"])
    watch.refused("LoadBalancerNotFound", elb.describe_load_balancer_attributes, LoadBalancerArn=f"{arn}0")
    watch.refused("TargetGroupNotFound", elb.describe_target_health, TargetGroupArn=f"{group}0")
    watch.refused("TargetGroupNotFound", elb.describe_target_groups, Names=["none"])
    watch.refused("DuplicateTargetGroupName", elb.create_target_group, Name="clients-0", Protocol="HTTP", Port=1, VpcId="vpc-1")
    watch.refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=group)
    watch.refused("ListenerNotFound", elb.describe_rules, ListenerArn=arn.replace(":loadbalancer/", ":listener/") + "/0")
    watch.refused("RuleNotFound", elb.delete_rule, RuleArn=arn.replace(":loadbalancer/", ":listener-rule/") + "/0/0")
    watch.refused("ValidationError", elb.describe_load_balancers, Marker="not one", PageSize=1)
    watch.refused("ValidationError", elb.describe_load_balancers, PageSize=401)
