"""Everything that a cloud that is up has to show, read as boto3 reads it: what scenarios leave has states that no test makes."""

from datetime import datetime, timedelta, timezone


def run(watch):
    load_balancing(watch)
    machines(watch)
    session_store(watch)
    monitoring(watch)


def every(watch, service, operation, key, **parameters):
    """All items of a list, over all pages."""
    client = watch.client(service)
    if not client.can_paginate(operation):
        return getattr(client, operation)(**parameters)[key]
    return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page.get(key, [])]


def load_balancing(watch):
    elb = watch.client("elbv2")
    for balancer in every(watch, "elbv2", "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        elb.describe_load_balancer_attributes(LoadBalancerArn=arn)
        elb.describe_tags(ResourceArns=[arn])
        for listener in every(watch, "elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn):
            listener_arn = listener["ListenerArn"]
            every(watch, "elbv2", "describe_rules", "Rules", ListenerArn=listener_arn)
            elb.describe_listener_attributes(ListenerArn=listener_arn)
            elb.describe_listener_certificates(ListenerArn=listener_arn)
            for certificate in listener.get("Certificates", []):
                watch.client("acm").describe_certificate(CertificateArn=certificate["CertificateArn"])
    for group in every(watch, "elbv2", "describe_target_groups", "TargetGroups"):
        elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
        elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])


def machines(watch):
    scaling, ssm = watch.client("autoscaling"), watch.client("ssm")
    for group in every(watch, "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"):
        scaling.describe_lifecycle_hooks(AutoScalingGroupName=group["AutoScalingGroupName"])
    every(watch, "autoscaling", "describe_auto_scaling_instances", "AutoScalingInstances")
    every(watch, "autoscaling", "describe_scaling_activities", "Activities", IncludeDeletedGroups=True)
    every(watch, "autoscaling", "describe_tags", "Tags")
    every(watch, "ssm", "describe_instance_information", "InstanceInformationList")
    every(watch, "ssm", "describe_activations", "ActivationList")
    for document in every(watch, "ssm", "list_documents", "DocumentIdentifiers"):
        ssm.describe_document(Name=document["Name"])
        ssm.get_document(Name=document["Name"])
    every(watch, "ssm", "list_commands", "Commands")
    seen = set()
    for invocation in every(watch, "ssm", "list_command_invocations", "CommandInvocations", Details=True):
        kind = (invocation["DocumentName"], invocation["StatusDetails"])
        if kind not in seen and not seen.add(kind):
            ssm.get_command_invocation(CommandId=invocation["CommandId"], InstanceId=invocation["InstanceId"])


def session_store(watch):
    cache = watch.client("elasticache")
    for group in every(watch, "elasticache", "describe_replication_groups", "ReplicationGroups"):
        cache.list_tags_for_resource(ResourceName=group["ARN"])
    every(watch, "elasticache", "describe_cache_clusters", "CacheClusters", ShowCacheNodeInfo=True)
    every(watch, "elasticache", "describe_events", "Events", Duration=1440)
    every(watch, "elasticache", "describe_users", "Users")
    every(watch, "elasticache", "describe_user_groups", "UserGroups")
    every(watch, "elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups")
    for group in every(watch, "elasticache", "describe_cache_parameter_groups", "CacheParameterGroups"):
        every(watch, "elasticache", "describe_cache_parameters", "Parameters", CacheParameterGroupName=group["CacheParameterGroupName"])


def monitoring(watch):
    cloudwatch = watch.client("cloudwatch")
    now = datetime.now(timezone.utc)
    for alarm in every(watch, "cloudwatch", "describe_alarms", "MetricAlarms"):
        cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])
    every(watch, "cloudwatch", "describe_alarm_history", "AlarmHistoryItems")
    for dashboard in every(watch, "cloudwatch", "list_dashboards", "DashboardEntries"):
        cloudwatch.get_dashboard(DashboardName=dashboard["DashboardName"])
    for metric in every(watch, "cloudwatch", "list_metrics", "Metrics")[::20]:
        cloudwatch.get_metric_statistics(**metric, StartTime=now - timedelta(hours=1), EndTime=now, Period=60, Statistics=["Sum", "Maximum"])
