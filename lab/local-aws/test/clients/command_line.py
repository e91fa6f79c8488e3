"""The AWS CLI, in this process: the commands of the pages and of printed messages, in each form of output."""

import contextlib
import io
import json
import shlex
import threading
from datetime import datetime, timedelta, timezone

from awscli.clidriver import create_clidriver
from watch import GATEWAY


class CommandLine:
    """Runs `aws …`; its answers are checked like those of boto3."""

    def __init__(self, watch):
        self._watch = watch
        self._checkers = {name: watch.checker(name) for name in GATEWAY}
        self._loader = create_clidriver().session.get_component("data_loader")
        self.commands = set()
        # It prints to the process's own output.
        self._lock = threading.Lock()

    def __call__(self, command, output="json", code=0):
        """What it prints; a fault when it ends with another exit code."""
        with self._lock:
            return self._run(command, output, code)

    def _run(self, command, output, code):
        printed, errors = io.StringIO(), io.StringIO()
        driver = create_clidriver()
        # Reading the models again for each command would take most of the time.
        driver.session.register_component("data_loader", self._loader)
        driver.session.register("before-parse", self._check)
        words = shlex.split(command)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            ended = driver.main([*words, "--output", output])
        if ended != code:
            self._watch.faults.append(f"aws {command}: ended with {ended}: {errors.getvalue().strip()}")
        else:
            self.commands.add((words[0], words[1]))
        text = printed.getvalue()
        if output != "json" or text == "":
            return text
        return json.loads(text)

    def _check(self, operation_model, **more):
        check = self._checkers.get(operation_model.service_model.service_name)
        if check is not None:
            # The AWS CLI has models of its own, months older than those of boto3: it ignores what they do not know.
            newer = self._watch.client(operation_model.service_model.service_name).meta.service_model
            check(operation_model=operation_model, judged_by=newer.operation_model(operation_model.name), **more)


def load_balancing(watch, name, arn, group, rule):
    aws = watch.command_line
    text = aws(f"elbv2 describe-target-groups --names {name} --query TargetGroups[0].TargetGroupArn", output="text")
    watch.expect("text of one value", text, f"{group}\n")
    text = aws(f"elbv2 describe-load-balancers --names {name} --query LoadBalancers[0].LoadBalancerArn", output="text")
    watch.expect("text of one value", text, f"{arn}\n")
    aws("elbv2 describe-load-balancers", output="text")
    table = aws("elbv2 describe-load-balancers", output="table")
    watch.expect("a table", table.splitlines()[1].strip("| "), "DescribeLoadBalancers")
    first = aws("elbv2 describe-load-balancers --max-items 1")
    rest = aws(f"elbv2 describe-load-balancers --starting-token {first['NextToken']}")
    whole = aws("elbv2 describe-load-balancers")["LoadBalancers"]
    watch.expect("the pages of the AWS CLI", first["LoadBalancers"] + rest["LoadBalancers"], whole)
    health = "TargetHealthDescriptions[].[Target.Id,TargetHealth.State,TargetHealth.Reason,TargetHealth.Description]"
    delay = "Key=deregistration_delay.timeout_seconds,Value=30"
    aws(f"elbv2 modify-target-group-attributes --target-group-arn {group} --attributes {delay}")
    aws(f"elbv2 describe-target-health --target-group-arn {group} --query '{health}'", output="table")
    aws(f"elbv2 describe-rules --rule-arns {rule}", output="table")
    aws(f"elbv2 add-tags --resource-arns {rule} --tags Key=colour,Value=blue")
    watch.expect("a tag in text", aws(f"elbv2 describe-tags --resource-arns {rule}", output="text").split()[-3:], ["TAGS", "colour", "blue"])
    aws(f"elbv2 remove-tags --resource-arns {rule} --tag-keys colour")
    off = "Key=deletion_protection.enabled,Value=false"
    aws(f"elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes {off}")
    aws(f"elbv2 wait load-balancer-available --load-balancer-arns {arn}")
    aws(f"elbv2 delete-rule --rule-arn {rule}")
    aws(f"elbv2 describe-rules --rule-arns {rule}", code=255)


def machines(watch, name, group, instances):
    aws = watch.command_line
    suspended = "--query AutoScalingGroups[0].SuspendedProcesses[].ProcessName"
    aws(f"autoscaling describe-auto-scaling-groups --auto-scaling-group-names {name} {suspended}")
    aws(f"autoscaling describe-auto-scaling-groups --auto-scaling-group-names {name}", output="text")
    aws(f"autoscaling describe-scaling-activities --auto-scaling-group-name {name} --max-items 10", output="table")
    processes = "--scaling-processes HealthCheck ReplaceUnhealthy"
    aws(f"autoscaling suspend-processes --auto-scaling-group-name {name} {processes}")
    aws(f"autoscaling resume-processes --auto-scaling-group-name {name} {processes}")
    hook = f"--auto-scaling-group-name {name} --lifecycle-hook-name of-another-tool"
    aws(f"autoscaling put-lifecycle-hook {hook} --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING")
    aws(f"autoscaling delete-lifecycle-hook {hook}")
    of_group = f"--auto-scaling-group-name {name}"
    aws(f"autoscaling suspend-processes {of_group} --scaling-processes InstanceRefresh")
    preferences = """'{"MinHealthyPercentage":100,"MaxHealthyPercentage":100,"InstanceWarmup":300,"SkipMatching":true}'"""
    aws(f"autoscaling start-instance-refresh {of_group} --preferences {preferences}")
    aws(f"autoscaling describe-instance-refreshes {of_group} --max-records 1")
    aws(f"autoscaling cancel-instance-refresh {of_group}")
    aws(f"autoscaling resume-processes {of_group} --scaling-processes InstanceRefresh")
    aws(f"autoscaling set-instance-health --health-status Healthy --instance-id {instances[0]}")
    target = f"--target-group-arn {group} --targets Id={instances[0]}"
    aws(f"elbv2 wait target-in-service {target}")
    aws(f"elbv2 deregister-targets {target}")
    aws(f"elbv2 wait target-deregistered {target}")
    aws(f"elbv2 register-targets {target}")
    aws(f"elbv2 wait target-in-service {target}")
    ids = aws("ssm describe-instance-information --query InstanceInformationList[].InstanceId", output="text")
    watch.expect("ids in text", sorted(ids.split()), sorted(instances))
    aws("ssm describe-instance-information", output="table")
    commands = """--parameters '{"commands":["echo it"]}'"""
    send = f"ssm send-command --document-name AWS-RunShellScript --instance-ids {instances[0]} {commands} --query Command.CommandId"
    command = aws(send, output="text").strip()
    watch.until(lambda: aws(f"ssm list-command-invocations --command-id {command} --query CommandInvocations[0].Status") == "Success")
    of_it = f"--command-id {command} --instance-id {instances[0]}"
    aws(f"ssm wait command-executed {of_it}")
    watch.expect("what it printed", aws(f"ssm get-command-invocation {of_it} --query StandardOutputContent"), "it\n")
    aws(f"ssm update-document-default-version --name {name} --document-version 2")
    activation = aws(f"ssm create-activation --iam-role {name} --query ActivationId", output="text").strip()
    aws(f"ssm delete-activation --activation-id {activation}")
    aws(f"ssm put-parameter --name /{name}/kept --type SecureString --value it")
    aws(f"ssm delete-parameter --name /{name}/kept")


def newcomer(watch, instance):
    aws = watch.command_line
    aws(f"autoscaling terminate-instance-in-auto-scaling-group --instance-id {instance} --should-decrement-desired-capacity")


def session_store(watch, name, password):
    aws = watch.command_line
    aws(f"elasticache wait replication-group-available --replication-group-id {name}")
    aws("elasticache describe-cache-clusters", output="text")
    aws(f"elasticache describe-replication-groups --replication-group-id {name}", output="text")
    roles = "ReplicationGroups[0].[Status,NodeGroups[0].NodeGroupMembers[].[CacheClusterId,CurrentRole]]"
    aws(f"elasticache describe-replication-groups --replication-group-id {name} --query '{roles}'")
    aws(f"elasticache list-allowed-node-type-modifications --replication-group-id {name} --query ScaleUpModifications")
    aws(f"elasticache describe-events --source-type replication-group --source-identifier {name} --duration 60", output="table")
    aws(f"elasticache modify-replication-group --replication-group-id {name} --apply-immediately --snapshot-retention-limit 3")
    aws(f"elasticache wait replication-group-available --replication-group-id {name}")
    mode = json.dumps({"Type": "password", "Passwords": [password, f"{password}-2"]})
    aws(f"elasticache modify-user --user-id {name} --authentication-mode '{mode}'")
    count = aws(f"elasticache describe-users --user-id {name} --query Users[0].[Status,Authentication.PasswordCount]")
    watch.expect("a user with two passwords", count, ["active", 2])
    aws(f"elasticache create-user --user-id {name}-cli --user-name cli --engine valkey --access-string 'on ~* +get' --passwords {password}")
    aws(f"elasticache modify-user-group --user-group-id {name} --user-ids-to-add {name}-cli")
    aws(f"elasticache modify-user-group --user-group-id {name} --user-ids-to-remove {name}-cli")
    aws(f"elasticache delete-user --user-id {name}-cli", output="text")


def monitoring(watch, alarm):
    start = datetime.now(timezone.utc) - timedelta(minutes=10)
    aws = watch.command_line
    for output in ("json", "text", "table"):
        aws(f"cloudwatch describe-alarms --alarm-names {alarm}", output=output)
    times = f"--start-time {start.isoformat()} --end-time {(start + timedelta(minutes=9)).isoformat()} --period 60"
    metric = "--namespace Clients --metric-name Requests --dimensions Name=Fleet,Value=web --statistics Sum"
    aws(f"cloudwatch get-metric-statistics {metric} {times}", output="table")
    aws(f"cloudwatch wait alarm-exists --alarm-names {alarm}")
    aws(f"cloudwatch describe-alarm-history --alarm-name {alarm} --max-items 1", output="table")
