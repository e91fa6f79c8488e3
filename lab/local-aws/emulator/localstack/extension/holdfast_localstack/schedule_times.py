"""When schedules fire: arithmetic alone, without LocalStack.

Rates count from the creation or the last change, and a time that has passed by less than a minute at the creation is due at once.
Times that passed while the machine was suspended are due once.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import logging
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

LOG = logging.getLogger(__name__)

_LATE_SECONDS = 60.0
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\S+)\)")
_CRON = re.compile(r"cron\((.+)\)")
_UTC = ("UTC", "Etc/UTC")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# The lowest value, the highest, and the names from the lowest on, for minutes, hours, days, months, weekdays and years.
_FIELDS = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (1, 7, _WEEKDAYS), (1970, 2199, ()))
_PART = re.compile(r"(?:[*?]|(\w+)(?:-(\w+))?)(?:/([1-9]\d*))?")


class Calendar:
    """When each schedule is due next; None for never."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, float], float | None] = {}

    def take_due(self, schedules: Iterable[Any], now: float) -> list[tuple[Any, bool]]:
        """Those that fire now, each with whether it is for the last time."""
        known, firing = {}, []
        for schedule in schedules:
            # A change begins a new count.
            key = (schedule.arn, schedule.last_modified_date)
            due = self._due[key] if key in self._due else _first_time(schedule)
            if due is not None and due <= now:
                due = next_time(schedule.schedule_expression, due, now)
                firing.append((schedule, due is None))
            known[key] = due
        self._due = known
        return firing


def _first_time(schedule: Any) -> float | None:
    """Logs what is not emulated: called once per schedule, and once more after each change of it."""
    expression, since = schedule.schedule_expression, schedule.last_modified_date
    try:
        due = next_time(expression, since, since - (_LATE_SECONDS if _AT.fullmatch(expression) else 0))
    except (ValueError, OverflowError) as error:
        LOG.warning("The schedule %s never fires in the local cloud: %s", schedule.arn, error)
        return None
    if schedule.schedule_expression_timezone not in _UTC and not _RATE.fullmatch(expression):
        LOG.warning("The schedule %s fires in UTC in the local cloud: its time zone is ignored", schedule.arn)
    if schedule.start_date or schedule.end_date:
        LOG.warning("The schedule %s fires at any date in the local cloud: its start and end are ignored", schedule.arn)
    return due


def next_time(expression: str, since: float, now: float) -> float | None:
    """The first time after `now` of an expression whose rate counts from `since`; seconds since the epoch, None where there is none.

    Raises ValueError for an expression that is not emulated.
    """
    if rate := _RATE.fullmatch(expression):
        period = int(rate[1]) * _SECONDS[rate[2]]
        return since + (math.floor((now - since) / period) + 1) * period
    if at := _AT.fullmatch(expression):
        when = datetime.fromisoformat(at[1]).replace(tzinfo=UTC).timestamp()
        return when if when > now else None
    if cron := _CRON.fullmatch(expression):
        try:
            return _next_of_cron(cron[1].split(), datetime.fromtimestamp(now, UTC))
        except ValueError:
            pass
    raise ValueError(f"the expression {expression} is not emulated")


def _next_of_cron(fields: list[str], now: datetime) -> float | None:
    is_last_day = len(fields) > 2 and fields[2] == "L"
    if is_last_day:
        fields = [*fields[:2], "*", *fields[3:]]
    minutes, hours, days, months, weekdays, years = (_values(text, *limits) for text, limits in zip(fields, _FIELDS, strict=True))
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    while day.year <= years[-1]:
        is_weekday = day.isoweekday() % 7 + 1 in weekdays
        if is_weekday and day.year in years and day.month in months and day.day in days:
            if not is_last_day or (day + timedelta(days=1)).day == 1:
                times = (day.replace(hour=hour, minute=minute) for hour in hours for minute in minutes)
                if when := next((time for time in times if time > now), None):
                    return when.timestamp()
        day += timedelta(days=1)
    return None


def _values(text: str, lowest: int, highest: int, names: tuple[str, ...]) -> list[int]:
    """The values in a list of values, ranges and steps."""

    def number(name: str) -> int:
        return lowest + names.index(name) if name in names else int(name)

    values: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(part)
        first, last, step = match.groups()
        start = number(first) if first else lowest
        end = number(last) if last else start if first and not step else highest
        if not lowest <= start <= end <= highest:
            raise ValueError(part)
        values.update(range(start, end + 1, int(step or 1)))
    return sorted(values)
