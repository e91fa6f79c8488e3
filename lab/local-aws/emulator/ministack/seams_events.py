"""Seam: only the gateway's own services may send events with aws.* sources, and a new rule matches nothing at first, as on AWS.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

import time

from seam import need
from seams_faults import fault_for

# Past this age a rule matches whatever the gateway says: faults have this limit as well.
_LONGEST_LAG_SECONDS = 120


def open_seam(eventbridge, token: str, gateway: str) -> None:
    _guard_sources(eventbridge, token)
    _delay_new_rules(eventbridge, gateway)


def _delay_new_rules(eventbridge, gateway: str) -> None:
    invoke = need(eventbridge, "_invoke_target")

    def invoke_unless_new(target, event, rule, view=None):
        age = time.time() - rule.get("CreationTime", 0)
        if rule.get("EventPattern") and age < _LONGEST_LAG_SECONDS:
            if fault_for(gateway, "of-new-rule", {"name": rule.get("Name", ""), "ageMs": age * 1000}):
                return None
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_unless_new


def _guard_sources(eventbridge, token: str) -> None:
    put = need(eventbridge, "_put_events")

    def put_events(data, allow_aws_source=False):
        entries = data.get("Entries") or []
        # The trace header is the only free field of an entry that rules cannot match.
        trusted = bool(entries) and all(entry.get("TraceHeader") == token for entry in entries)
        return put(data, allow_aws_source=allow_aws_source or trusted)

    eventbridge._put_events = put_events
    for name, handler in list(vars(eventbridge).items()):
        if isinstance(handler, dict):
            for key, value in list(handler.items()):
                if value is put:
                    handler[key] = put_events
