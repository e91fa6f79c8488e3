"""EventBridge Scheduler's schedules fire: LocalStack stores them, and never invokes their targets.

Rates count from the creation, and a time that has passed by less than a minute at the creation is due at once. Of retries, time
zones and flexible windows nothing is emulated.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import contextlib
import logging
import re
import threading
import time
from datetime import UTC, datetime
from typing import Any

from crontab import CronTab
from localstack.aws.connect import connect_to
from moto.scheduler.exceptions import ScheduleNotFound
from moto.scheduler.models import scheduler_backends

LOG = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_LATE_SECONDS = 60.0
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\S+)\)")
_CRON = re.compile(r"cron\((.+)\)")


def next_time(expression: str, after: float) -> float | None:
    """When a schedule fires next, in seconds since the epoch; None for an `at` that has passed."""
    if rate := _RATE.fullmatch(expression):
        return after + int(rate[1]) * _SECONDS[rate[2]]
    if at := _AT.fullmatch(expression):
        when = datetime.fromisoformat(at[1]).replace(tzinfo=UTC).timestamp()
        return when if when > after else None
    if cron := _CRON.fullmatch(expression):
        return after + CronTab(cron[1]).next(now=datetime.fromtimestamp(after, UTC), default_utc=True)
    raise ValueError(f"the schedule expression {expression} is not known")


class Schedules:
    def __init__(self) -> None:
        self._due: dict[tuple[str, float], float | None] = {}

    def fire_those_due(self, now: float) -> None:
        known = {}
        for schedule in _enabled():
            # A change begins a new count.
            key = (schedule.arn, schedule.last_modified_date)
            due = self._due[key] if key in self._due else _first_time(schedule)
            if due is not None and due <= now:
                due = next_time(schedule.schedule_expression, due)
                is_last = due is None and schedule.action_after_completion == "DELETE"
                threading.Thread(target=_fire, args=(schedule, is_last), daemon=True).start()
            known[key] = due
        self._due = known


def _first_time(schedule: Any) -> float | None:
    late = _LATE_SECONDS if _AT.fullmatch(schedule.schedule_expression) else 0
    return next_time(schedule.schedule_expression, schedule.last_modified_date - late)


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
    if is_last:
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
    schedules = Schedules()

    def loop() -> None:
        while True:
            time.sleep(_POLL_SECONDS)
            try:
                schedules.fire_those_due(time.time())
            except Exception as error:
                LOG.warning("Schedules were not checked: %s", error)

    threading.Thread(target=loop, daemon=True, name="holdfast-schedules").start()
