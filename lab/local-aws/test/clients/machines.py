"""Auto Scaling and Systems Manager, with machines that really run: two of a group behind a load balancer."""

import base64
import json
import os
import urllib.request

import botocore.session
import command_line
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from load_balancing import network

TRUST = {"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}
# The machine's application listens on the port that the local cloud gives to it.
USER_DATA = """#!/bin/bash
python3 -m http.server "$HOLDFAST_LOCAL_PORT" --bind 127.0.0.1 >/dev/null 2>&1 &
"""
NAME = "clients-machines"


def run(watch):
    subnets, security_group = network(watch)
    launch_template(watch)
    group_arn = behind_load_balancer(watch, subnets, security_group)
    instances = group_of_two(watch, subnets, group_arn)
    documents(watch)
    commands(watch, instances)
    as_instances(watch, instances)
    command_line.machines(watch, NAME, group_arn, instances)
    node_on_premises(watch)
    hooks(watch, instances, group_arn)
    refusals(watch)
    end(watch, group_arn)


def launch_template(watch):
    iam, ec2 = watch.client("iam"), watch.client("ec2")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": TRUST, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust))
    agent = {"Effect": "Allow", "Action": ["ssm:*", "ssmmessages:*", "ec2messages:*"], "Resource": "*"}
    iam.put_role_policy(RoleName=NAME, PolicyName="agent", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [agent]}))
    iam.create_instance_profile(InstanceProfileName=NAME)
    iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName=NAME)
    data = {
        "ImageId": "ami-12345678",
        "InstanceType": "t4g.micro",
        "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        "IamInstanceProfile": {"Name": NAME},
    }
    ec2.create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)


def behind_load_balancer(watch, subnets, security_group):
    elb = watch.client("elbv2")
    made = elb.create_target_group(
        Name=NAME, Protocol="HTTP", Port=8080, VpcId="vpc-1", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2
    )
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}])
    balancer = elb.create_load_balancer(Name=NAME, Subnets=subnets, SecurityGroups=[security_group])["LoadBalancers"][0]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    return arn


def group_of_two(watch, subnets, group_arn):
    scaling, elb = watch.client("autoscaling"), watch.client("elbv2")
    template = {"LaunchTemplateName": NAME, "Version": "$Latest"}
    tags = [{"ResourceId": NAME, "ResourceType": "auto-scaling-group", "Key": key, "Value": "1", "PropagateAtLaunch": True} for key in "ab"]
    for name, size in ((NAME, 2), (f"{NAME}-empty", 0)):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate=template,
            MinSize=0,
            MaxSize=3,
            DesiredCapacity=size,
            VPCZoneIdentifier=",".join(subnets),
            TargetGroupARNs=[group_arn] if size else [],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=60,
            Tags=tags if size else [],
        )
    watch.pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", 1)
    instances = watch.until(lambda: in_service(scaling, 2))
    targets = [{"Id": instance, "Port": 8080} for instance in instances]
    watch.wait("elbv2", "target_in_service", TargetGroupArn=group_arn, Targets=targets)
    elb.describe_target_health(TargetGroupArn=group_arn)
    watch.pages("autoscaling", "describe_auto_scaling_instances", "AutoScalingInstances", 1)
    watch.pages("autoscaling", "describe_tags", "Tags", 1)
    watch.pages("autoscaling", "describe_scaling_activities", "Activities", 1, AutoScalingGroupName=NAME)
    elb.deregister_targets(TargetGroupArn=group_arn, Targets=targets[:1])
    elb.describe_target_health(TargetGroupArn=group_arn, Targets=targets)
    watch.wait("elbv2", "target_deregistered", TargetGroupArn=group_arn, Targets=targets[:1])
    elb.register_targets(TargetGroupArn=group_arn, Targets=targets[:1])
    return instances


def in_service(scaling, count):
    group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"][0]
    found = [one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] == "InService"]
    return found if len(found) == count else None


def as_instances(watch, instances):
    """EC2's view of the machines, which the emulator answers."""
    watch.wait("ec2", "instance_exists", InstanceIds=instances)
    watch.wait("ec2", "instance_running", InstanceIds=instances)
    ec2 = watch.client("ec2")
    ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])
    ec2.describe_launch_templates(LaunchTemplateNames=[NAME])
    ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=["$Latest"])
    ec2.describe_network_interfaces()
    ec2.describe_route_tables()
    ec2.describe_security_group_rules()
    ec2.describe_vpcs()
    endpoints(watch, ec2)
    group = {"GroupId": network(watch)[1], "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 9, "ToPort": 9, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}
    for allow, revoke in ((ec2.authorize_security_group_ingress, ec2.revoke_security_group_ingress), (ec2.authorize_security_group_egress, ec2.revoke_security_group_egress)):
        allow(**group)
        ec2.describe_security_group_rules()
        revoke(**group)
    watch.command_line(f"ec2 authorize-security-group-ingress --group-id {group['GroupId']} --ip-permissions '{json.dumps(group['IpPermissions'])}'")
    ec2.revoke_security_group_ingress(**group)
    watch.command_line("ec2 describe-instances --query Reservations[].Instances[].[InstanceId,State.Name]", output="table")
    watch.command_line("ec2 describe-security-groups", output="text")


def endpoints(watch, ec2):
    table = ec2.describe_route_tables()["RouteTables"][0]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=table["VpcId"],
        ServiceName="com.amazonaws.us-east-1.secretsmanager",
        VpcEndpointType="Interface",
        SecurityGroupIds=[network(watch)[1]],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]
    (shown,) = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [table["VpcId"]]}])["VpcEndpoints"]
    watch.expect("private DNS", shown["PrivateDnsEnabled"], True)
    watch.expect("groups", [group["GroupId"] for group in shown["Groups"]], [network(watch)[1]])
    watch.expect("endpoints of another VPC", ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": ["vpc-0"]}])["VpcEndpoints"], [])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    made = watch.command_line(
        f"ec2 create-vpc-endpoint --vpc-id {table['VpcId']} --service-name com.amazonaws.us-east-1.dynamodb --route-table-ids {table['RouteTableId']}"
    )
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpoint"]["VpcEndpointId"]])


def documents(watch):
    ssm = watch.client("ssm")
    step = {"action": "aws:runShellScript", "name": "saySo", "inputs": {"runCommand": ["echo {{ text }}"]}}
    text = {"type": "String", "description": "What it says", "default": "nothing"}
    content = {"schemaVersion": "2.2", "description": "Says", "parameters": {"text": text}, "mainSteps": [step]}
    for name in (NAME, f"{NAME}-2"):
        ssm.create_document(Name=name, Content=json.dumps(content), DocumentType="Command", DocumentFormat="JSON")
    content["description"] = "Says more"
    ssm.update_document(Name=NAME, Content=json.dumps(content), DocumentVersion="$LATEST", DocumentFormat="JSON")
    ssm.update_document_default_version(Name=NAME, DocumentVersion="2")
    ssm.describe_document(Name=NAME)
    ssm.get_document(Name=NAME, DocumentVersion="1")
    own = [{"Key": "Owner", "Values": ["Self"]}]
    watch.pages("ssm", "list_documents", "DocumentIdentifiers", 1, Filters=own)
    watch.refused("DocumentAlreadyExists", ssm.create_document, Name=NAME, Content=json.dumps(content), DocumentType="Command")
    watch.refused("InvalidDocument", ssm.describe_document, Name="none")
    watch.refused("InvalidDocumentVersion", ssm.get_document, Name=NAME, DocumentVersion="9")
    watch.refused("InvalidDocumentContent", ssm.create_document, Name="bad", Content="{", DocumentType="Command")
    parameters(watch, ssm)
    activations(watch, ssm)


def parameters(watch, ssm):
    for n in range(12):
        ssm.put_parameter(Name=f"/clients/{n}", Value=str(n), Type="SecureString" if n else "String")
    ssm.get_parameter(Name="/clients/1", WithDecryption=True)
    ssm.get_parameters(Names=["/clients/1", "/none"])
    named = [dict(Key="Name", Option="Equals", Values=["/clients/1", "/clients/2", "/none"])]
    watch.pages("ssm", "describe_parameters", "Parameters", 1, least=2, ParameterFilters=named)
    watch.pages("ssm", "get_parameters_by_path", "Parameters", 5, least=3, Path="/clients")
    watch.refused("ParameterNotFound", ssm.get_parameter, Name="/none")
    watch.refused("ParameterAlreadyExists", ssm.put_parameter, Name="/clients/1", Value="2", Type="String")
    watch.refused("ParameterVersionNotFound", ssm.get_parameter, Name="/clients/1:9")
    ssm.delete_parameter(Name="/clients/1")
    ssm.delete_parameters(Names=["/clients/2", "/none"])


def activations(watch, ssm):
    made = [ssm.create_activation(IamRole=NAME, Description=f"the {n}th", Tags=[{"Key": "n", "Value": str(n)}]) for n in range(2)]
    watch.pages("ssm", "describe_activations", "ActivationList", 1)
    for one in made:
        ssm.delete_activation(ActivationId=one["ActivationId"])
    nobody = "mi-00000000000000000"
    watch.refused("InvalidInstanceId", ssm.deregister_managed_instance, InstanceId=nobody)
    watch.refused("InvalidResourceId", ssm.list_tags_for_resource, ResourceType="ManagedInstance", ResourceId=nobody)


def commands(watch, instances):
    ssm = watch.client("ssm")
    watch.until(lambda: len(ssm.describe_instance_information()["InstanceInformationList"]) == 2)
    watch.pages("ssm", "describe_instance_information", "InstanceInformationList", 5, least=1)
    command = ssm.send_command(DocumentName=NAME, InstanceIds=instances, Parameters={"text": ["hello"]}, Comment="a comment")["Command"]
    watch.until(lambda: ssm.list_command_invocations(CommandId=command["CommandId"])["CommandInvocations"])
    watch.wait("ssm", "command_executed", CommandId=command["CommandId"], InstanceId=instances[0])
    watch.wait("ssm", "command_executed", CommandId=command["CommandId"], InstanceId=instances[1])
    said = ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=instances[0])
    watch.expect("what a command printed", said["StandardOutputContent"], "hello\n")
    failing = ssm.send_command(
        DocumentName="AWS-RunShellScript", Targets=[{"Key": "InstanceIds", "Values": instances}], Parameters={"commands": ["exit 3"]}
    )["Command"]["CommandId"]
    watch.until(lambda: ssm.list_commands(CommandId=failing)["Commands"][0]["Status"] == "Failed")
    watch.until(lambda: is_visible(ssm, failing, instances[0]))
    ssm.get_command_invocation(CommandId=failing, InstanceId=instances[0], PluginName="runShellScript")
    long = ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=instances, Parameters={"commands": ["sleep 30"]})
    ssm.cancel_command(CommandId=long["Command"]["CommandId"])
    watch.pages("ssm", "list_commands", "Commands", 1, least=3)
    watch.pages("ssm", "list_command_invocations", "CommandInvocations", 1, least=6, Details=True)
    watch.refused("InvalidInstanceId", ssm.send_command, DocumentName=NAME, InstanceIds=["i-00000000000000000"])
    watch.refused("InvalidDocument", ssm.send_command, DocumentName="none", InstanceIds=instances)
    watch.refused("InvalidParameters", ssm.send_command, DocumentName=NAME, InstanceIds=instances, Parameters={"no": ["1"]})
    nothing = "00000000-0000-4000-8000-000000000000"
    watch.refused("InvocationDoesNotExist", ssm.get_command_invocation, CommandId=nothing, InstanceId=instances[0])
    watch.refused("InvalidCommandId", ssm.cancel_command, CommandId=nothing)


def node_on_premises(watch):
    """A server that is no EC2 instance, which becomes a managed node by an activation."""
    ssm = watch.client("ssm")
    activation = ssm.create_activation(IamRole=NAME, Tags=[{"Key": "a", "Value": "b"}])
    register = f"amazon-ssm-agent -register -code {activation['ActivationCode']} -id {activation['ActivationId']} -region us-east-1"
    machine = start_on_premises({"Name": "clients", "IpAddress": "192.168.77.7", "UserData": f"#!/bin/bash\n{register}\n"})
    node = {"ResourceType": "ManagedInstance", "ResourceId": machine["NodeId"]}
    ssm.describe_activations()
    ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [machine["NodeId"]]}])
    ssm.add_tags_to_resource(**node, Tags=[{"Key": "c", "Value": "d"}])
    ssm.remove_tags_from_resource(**node, TagKeys=["a"])
    watch.expect("the node's tags", ssm.list_tags_for_resource(**node)["TagList"], [{"Key": "c", "Value": "d"}])
    ssm.deregister_managed_instance(InstanceId=machine["NodeId"])


def start_on_premises(machine):
    """Not an operation of AWS's: the local cloud has a service of its own for it."""
    session = botocore.session.get_session()
    headers = {"X-Amz-Target": "OnPremises.StartMachine", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", os.environ["AWS_ENDPOINT_URL"], headers=headers, data=json.dumps(machine).encode())
    SigV4Auth(session.get_credentials(), "holdfast-on-premises", "us-east-1").add_auth(request)
    sent = urllib.request.Request(request.url, request.data, dict(request.headers.items()))
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


def is_visible(ssm, command, instance):
    """Some time after SendCommand, as on AWS."""
    try:
        return ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    except ssm.exceptions.InvocationDoesNotExist:
        return None


def hooks(watch, instances, group_arn):
    scaling, elb = watch.client("autoscaling"), watch.client("elbv2")
    scaling.put_lifecycle_hook(
        AutoScalingGroupName=NAME, LifecycleHookName="launch", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING", HeartbeatTimeout=60
    )
    scaling.describe_lifecycle_hooks(AutoScalingGroupName=NAME)
    scaling.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=["AZRebalance"])
    scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])
    scaling.resume_processes(AutoScalingGroupName=NAME, ScalingProcesses=["AZRebalance"])
    refreshes(watch, scaling)
    scaling.set_instance_health(InstanceId=instances[0], HealthStatus="Healthy")
    scaling.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3)

    def waiting():
        group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"][0]
        return [one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] == "Pending:Wait"]

    [newcomer] = watch.until(waiting)
    scaling.describe_auto_scaling_instances(InstanceIds=[newcomer])
    scaling.describe_scaling_activities(AutoScalingGroupName=NAME)
    action = {"AutoScalingGroupName": NAME, "LifecycleHookName": "launch", "InstanceId": newcomer}
    scaling.record_lifecycle_action_heartbeat(**action)
    scaling.complete_lifecycle_action(**action, LifecycleActionResult="CONTINUE")
    watch.refused("ValidationError", scaling.complete_lifecycle_action, **action | {"InstanceId": instances[0]}, LifecycleActionResult="CONTINUE")
    scaling.delete_lifecycle_hook(AutoScalingGroupName=NAME, LifecycleHookName="launch")
    scaling.terminate_instance_in_auto_scaling_group(InstanceId=newcomer, ShouldDecrementDesiredCapacity=True)
    command_line.newcomer(watch, newcomer)
    elb.describe_target_health(TargetGroupArn=group_arn)
    scaling.update_auto_scaling_group(AutoScalingGroupName=NAME, DefaultCooldown=1)
    tag = {"ResourceId": NAME, "ResourceType": "auto-scaling-group", "Key": "c", "Value": "2", "PropagateAtLaunch": False}
    scaling.create_or_update_tags(Tags=[tag])
    scaling.delete_tags(Tags=[tag])


def refreshes(watch, scaling):
    scaling.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=["InstanceRefresh"])
    preferences = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110, "SkipMatching": False}
    scaling.start_instance_refresh(AutoScalingGroupName=NAME, Preferences=preferences)
    watch.refused("InstanceRefreshInProgress", scaling.start_instance_refresh, AutoScalingGroupName=NAME)
    scaling.cancel_instance_refresh(AutoScalingGroupName=NAME)

    def latest():
        return scaling.describe_instance_refreshes(AutoScalingGroupName=NAME)["InstanceRefreshes"][0]

    watch.until(lambda: latest()["Status"] == "Cancelled")
    watch.refused("ActiveInstanceRefreshNotFound", scaling.cancel_instance_refresh, AutoScalingGroupName=NAME)
    scaling.resume_processes(AutoScalingGroupName=NAME, ScalingProcesses=["InstanceRefresh"])


def refusals(watch):
    scaling = watch.client("autoscaling")
    watch.refused("ValidationError", scaling.set_desired_capacity, AutoScalingGroupName="none", DesiredCapacity=1)
    watch.refused("ValidationError", scaling.set_desired_capacity, AutoScalingGroupName=NAME, DesiredCapacity=9)
    watch.refused("ResourceInUse", scaling.delete_auto_scaling_group, AutoScalingGroupName=NAME)
    watch.refused("InvalidNextToken", scaling.describe_auto_scaling_groups, NextToken="not one")
    again = {"AutoScalingGroupName": NAME, "MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"]}
    watch.refused("AlreadyExists", scaling.create_auto_scaling_group, **again, LaunchTemplate={"LaunchTemplateName": NAME})


def end(watch, group_arn):
    scaling, elb, ssm = watch.client("autoscaling"), watch.client("elbv2"), watch.client("ssm")
    for name in (NAME, f"{NAME}-empty"):
        scaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    scaling.describe_auto_scaling_groups()
    for name in (NAME, f"{NAME}-2"):
        ssm.delete_document(Name=name)
    balancer = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"]
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    elb.delete_target_group(TargetGroupArn=group_arn)
