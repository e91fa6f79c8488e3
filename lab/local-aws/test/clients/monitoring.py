"""CloudWatch, in each of its three protocols, and Certificate Manager."""

import json
from datetime import datetime, timedelta, timezone

import command_line

METRIC = {"Namespace": "Clients", "MetricName": "Requests", "Dimensions": [{"Name": "Fleet", "Value": "web"}]}
PROTOCOLS = ("smithy-rpc-v2-cbor", "json", "query")
STAT = {"Metric": METRIC, "Period": 60, "Stat": "Sum"}


def run(watch):
    for protocol in PROTOCOLS:
        go_through(watch, protocol)
    certificates(watch)


def put_data(watch):
    """Before everything else: data become visible after a while, as on AWS."""
    now = datetime.now(timezone.utc).replace(second=30)
    data = [
        {"MetricName": "Requests", "Dimensions": METRIC["Dimensions"], "Timestamp": now - timedelta(minutes=n), "Value": n, "Unit": "Count"}
        for n in range(1, 4)
    ]
    for protocol in PROTOCOLS:
        watch.client("cloudwatch", protocol=protocol).put_metric_data(Namespace="Clients", MetricData=data)


def go_through(watch, protocol):
    cloudwatch = watch.client("cloudwatch", protocol=protocol)
    now = datetime.now(timezone.utc)
    times = {"StartTime": now - timedelta(minutes=10), "EndTime": now}
    data = cloudwatch.get_metric_statistics(**METRIC, **times, Period=60, Statistics=["Sum"], ExtendedStatistics=["p99"])["Datapoints"]
    watch.expect(f"the sums ({protocol})", sorted(point["Sum"] for point in data), [3, 6, 9])
    queries = [
        {"Id": "requests", "MetricStat": STAT, "Label": "requests"},
        {"Id": "twice", "Expression": "requests * 2"},
    ]
    pages_of_data(watch, cloudwatch, MetricDataQueries=queries, **times)
    watch.pages(cloudwatch, "list_metrics", "Metrics", None, least=1, Namespace="Clients")
    alarms(watch, cloudwatch, queries)
    dashboards(watch, cloudwatch)


def pages_of_data(watch, cloudwatch, **request):
    """Pages count data points: a result goes on in the next page."""
    whole = cloudwatch.get_metric_data(**request)["MetricDataResults"]
    joined = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(PaginationConfig={"PageSize": 2}, **request)
    for page in pages:
        for result in page["MetricDataResults"]:
            values, status = joined.get(result["Id"], ([], ""))
            if status == "Complete" and result["Values"]:
                watch.faults.append(f"{result['Id']} was complete before its last page")
            joined[result["Id"]] = (values + result["Values"], result["StatusCode"])
    watch.expect("the pages of metric data", joined, {one["Id"]: (one["Values"], "Complete") for one in whole})
    watch.paginators.add(("cloudwatch", "get_metric_data"))


def alarms(watch, cloudwatch, queries):
    rule = {"EvaluationPeriods": 1, "Threshold": 1.5, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    names = [f"clients-{n}" for n in range(3)]
    cloudwatch.put_metric_alarm(AlarmName=names[0], **METRIC, Period=60, Statistic="Sum", **rule, Tags=[{"Key": "a", "Value": "b"}])
    cloudwatch.put_metric_alarm(AlarmName=names[1], **METRIC, Period=60, ExtendedStatistic="p99", **rule, AlarmDescription="of p99")
    hidden = queries[0] | {"ReturnData": False}
    cloudwatch.put_metric_alarm(AlarmName=names[2], Metrics=[hidden, queries[1]], **rule, ActionsEnabled=False)
    watch.wait(cloudwatch, "alarm_exists", AlarmNames=names)
    cloudwatch.set_alarm_state(AlarmName=names[0], StateValue="ALARM", StateReason="a test", StateReasonData="{}")
    cloudwatch.disable_alarm_actions(AlarmNames=names)
    cloudwatch.enable_alarm_actions(AlarmNames=names)
    watch.pages(cloudwatch, "describe_alarms", "MetricAlarms", 1, least=3, AlarmNamePrefix="clients-")
    watch.pages(cloudwatch, "describe_alarm_history", "AlarmHistoryItems", 1, least=2, AlarmName=names[0])
    found = cloudwatch.describe_alarms_for_metric(**METRIC)["MetricAlarms"]
    arn = found[0]["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["c"])
    cloudwatch.list_tags_for_resource(ResourceARN=arn)
    watch.refused("ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="none", StateValue="OK", StateReason="a test")
    watch.refused("InvalidFormat", cloudwatch.set_alarm_state, AlarmName=names[0], StateValue="OK", StateReason="r", StateReasonData="{")
    watch.refused("ResourceNotFound", cloudwatch.delete_alarms, AlarmNames=["none"])
    watch.refused("InvalidNextToken", cloudwatch.describe_alarms, NextToken="not one")
    watch.refused("ResourceNotFoundException", cloudwatch.list_tags_for_resource, ResourceARN=f"{arn}-none")
    command_line.monitoring(watch, names[0])
    cloudwatch.delete_alarms(AlarmNames=names)


def dashboards(watch, cloudwatch):
    text = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# <A> & B"}}
    for name in ("clients-a", "clients-b"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": [text]}))
    cloudwatch.get_dashboard(DashboardName="clients-a")
    watch.pages(cloudwatch, "list_dashboards", "DashboardEntries", None, least=1)
    watch.refused("ResourceNotFound", cloudwatch.get_dashboard, DashboardName="none")
    watch.refused("InvalidParameterInput", cloudwatch.put_dashboard, DashboardName="clients-a", DashboardBody="{")
    cloudwatch.delete_dashboards(DashboardNames=["clients-a", "clients-b"])


def certificates(watch):
    acm = watch.client("acm")
    acm.describe_certificate(CertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000")
