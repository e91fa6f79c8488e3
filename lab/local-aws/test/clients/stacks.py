"""CloudFormation, of which the emulator answers and the gateway provides the resources: by its waiters, in boto3 and the AWS CLI."""

import json

NAME = "clients-stack"
ALARM = {
    "Namespace": "Clients",
    "MetricName": "Requests",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}


def run(watch):
    formation = watch.client("cloudformation")
    template = {
        "Resources": {
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
            "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}},
        },
        "Outputs": {"Alarm": {"Value": {"Ref": "Alarm"}}},
    }
    formation.create_stack(StackName=NAME, TemplateBody=json.dumps(template))
    watch.wait("cloudformation", "stack_exists", StackName=NAME)
    watch.wait("cloudformation", "stack_create_complete", StackName=NAME)
    aws = watch.command_line
    aws(f"cloudformation wait stack-create-complete --stack-name {NAME}")
    alarm = aws(f"cloudformation describe-stacks --stack-name {NAME} --query Stacks[0].Outputs[0].OutputValue", output="text").strip()
    watch.wait("cloudwatch", "alarm_exists", AlarmNames=[alarm])
    template["Resources"]["Alarm"]["Properties"] = ALARM | {"Threshold": 2}
    formation.update_stack(StackName=NAME, TemplateBody=json.dumps(template))
    watch.wait("cloudformation", "stack_update_complete", StackName=NAME)
    aws(f"cloudformation describe-stack-resources --stack-name {NAME}", output="table")
    formation.delete_stack(StackName=NAME)
    watch.wait("cloudformation", "stack_delete_complete", StackName=NAME)
    watch.expect("alarms of a stack that is gone", watch.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"], [])
