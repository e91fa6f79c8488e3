"""EventBridge Scheduler's schedules fire: LocalStack stores them, and never invokes their targets.

Of retries and flexible windows nothing is emulated. When schedules fire is in schedule_times.py.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import contextlib
import logging
import threading
import time
from typing import Any

from localstack.aws.connect import connect_to
from moto.scheduler.exceptions import ScheduleNotFound
from moto.scheduler.models import scheduler_backends

from holdfast_localstack.schedule_times import Calendar

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


def _enabled() -> list[Any]:
    return [
        schedule
        for account in list(scheduler_backends.values())
        for backend in list(account.values())
        for group in list(backend.schedule_groups.values())
        for schedule in list(group.schedules.values())
        if schedule.state == "ENABLED"
    ]


def _fire(schedule: Any, is_last: bool) -> None:
    _invoke(schedule.arn, dict(schedule.target))
    if is_last and schedule.action_after_completion == "DELETE":
        account, region = schedule.arn.split(":")[4], schedule.arn.split(":")[3]
        with contextlib.suppress(ScheduleNotFound):
            scheduler_backends[account][region].delete_schedule(schedule.group_name, schedule.name)


def _invoke(schedule: str, target: dict[str, Any]) -> None:
    arn, given = target["Arn"], target.get("Input") or "{}"
    region = arn.split(":")[3]
    role, as_role = target["RoleArn"], {"service_principal": "scheduler", "region_name": region}
    try:
        clients = connect_to.with_assumed_role(role_arn=role, **as_role)
        match arn.split(":")[2]:
            case "lambda":
                clients.lambda_.invoke(FunctionName=arn, InvocationType="Event", Payload=given)
            case "states":
                clients.stepfunctions.start_execution(stateMachineArn=arn, input=given)
            case "sqs":
                queue = arn.rsplit(":", 1)[-1]
                clients.sqs.send_message(QueueUrl=clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=given)
            case "sns":
                clients.sns.publish(TopicArn=arn, Message=given)
            case other:
                raise ValueError(f"targets of {other} are not invoked in the local cloud")
    except Exception as error:
        LOG.warning("The schedule %s did not invoke %s: %s", schedule, arn, error)


def start_schedules() -> None:
    calendar = Calendar()

    def loop() -> None:
        while True:
            time.sleep(_POLL_SECONDS)
            try:
                for schedule, is_last in calendar.take_due(_enabled(), time.time()):
                    threading.Thread(target=_fire, args=(schedule, is_last), daemon=True).start()
            except Exception as error:
                LOG.warning("Schedules were not checked: %s", error)

    threading.Thread(target=loop, daemon=True, name="holdfast-schedules").start()
