"""Only LocalStack's and the gateway's own services send events with aws.* sources; a disabled rule matches nothing, and neither does
a new one at first, as on AWS.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

import hmac
import time
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.events import RuleState
from localstack.services.events import provider
from localstack.services.events.provider import EventsProvider
from localstack.utils.patch import patch

from holdfast_localstack.faults import fault_for
from holdfast_localstack.settings import SETTINGS

_REFUSED = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
# Past this age a rule matches whatever the gateway says: faults have this limit as well.
_LONGEST_LAG_SECONDS = 120

_created: dict[str, float] = {}


def guard_sources() -> None:
    @patch(EventsProvider._process_entry)
    def process_entry(
        fn, self: EventsProvider, entry: dict[str, Any], processed: list[Any], failed: dict[str, int], context: RequestContext
    ) -> None:
        # The trace header is the only free field of an entry that rules cannot match.
        given = entry.pop("TraceHeader", None) or ""
        trusted = context.is_internal_call or hmac.compare_digest(given.encode(), SETTINGS.event_token.encode())
        if not trusted and str(entry.get("Source", "")).startswith("aws."):
            processed.append(dict(_REFUSED))
            failed["count"] += 1
            return
        fn(self, entry, processed, failed, context)

    @patch(EventsProvider.create_rule_service)
    def create_rule_service(fn, self: EventsProvider, *args: Any, **kwargs: Any) -> Any:
        made = fn(self, *args, **kwargs)
        _created.setdefault(made.arn, time.time())
        return made

    start = provider.start_worker_thread

    def start_worker_thread(method: Any, params: Any = None, **kwargs: Any) -> Any:
        # An event meets the rules that are there when it is put, not those of a moment later.
        if method.__name__ == "_process_rules_async":
            params = {**params, "rules": [rule for rule in params["rules"] if not _is_deaf(rule)]}
        return start(method, params, **kwargs)

    provider.start_worker_thread = start_worker_thread


def _is_deaf(rule: Any) -> bool:
    if rule.state == RuleState.DISABLED:
        return True
    age = time.time() - _created.get(rule.arn, 0)
    return age < _LONGEST_LAG_SECONDS and fault_for("of-new-rule", {"name": rule.name, "ageMs": age * 1000}) is not None
