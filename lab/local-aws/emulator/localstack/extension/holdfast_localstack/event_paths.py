"""What a rule makes of an event, where LocalStack cannot: its InputPath and InputTransformer, and the start of a state machine with
what they made. LocalStack reads paths with a package that has no wheels and is not installed (setup/requirements-localstack.in),
and names an execution after the id of the event, which a transformed one lacks.
"""

import uuid
from typing import Any

from jsonpath_ng import parse
from localstack.services.events import target
from localstack.services.events.utils import to_json_str
from localstack.utils.patch import patch


def read_event_paths() -> None:
    def extract_jsonpath(value: Any, path: str) -> Any:
        found = [match.value for match in parse(path).find(value)]
        return found[0] if len(found) == 1 else found

    target.extract_jsonpath = extract_jsonpath

    @patch(target.StatesTargetSender.send_event)
    def send_event(fn, self: target.StatesTargetSender, event: Any, _trace_header: Any) -> None:
        self.service = "stepfunctions"
        name = f"{uuid.uuid4()}_{uuid.uuid4()}"
        self.client.start_execution(stateMachineArn=self.target["Arn"], name=name, input=to_json_str(event))
