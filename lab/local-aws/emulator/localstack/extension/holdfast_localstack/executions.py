"""Executions' metrics, which the gateway's CloudWatch has, and the faults of their status events.

A status event can get lost, as on AWS; its metric does not.
"""

import copy
import threading

from localstack.services.stepfunctions.backend.execution import Execution
from localstack.utils.patch import patch

from holdfast_localstack.faults import fault_for
from holdfast_localstack.reports import report


def follow_executions() -> None:
    @patch(Execution.publish_execution_status_change_event)
    def publish_execution_status_change_event(fn, self: Execution) -> None:
        _report_metrics(self)
        # A late event has the status at the time of the change, whatever the execution's status is by then.
        snapshot = copy.copy(self)
        effect = fault_for("of-event", _event_of(snapshot)) or {}
        match effect.get("kind"):
            case "drop":
                return
            case "delay":
                later = threading.Timer(effect["ms"] / 1000, fn, args=(snapshot,))
                later.daemon = True
                later.start()
            case "twice":
                fn(self)
                fn(self)
            case _:
                fn(self)


def _event_of(execution: Execution) -> dict:
    return {
        "source": "aws.states",
        "detailType": "Step Functions Execution Status Change",
        "resources": [execution.exec_arn],
        "detail": {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine.arn,
            "name": execution.name,
            "status": str(execution.exec_status),
        },
    }


def _report_metrics(execution: Execution) -> None:
    body = {
        "stateMachineArn": execution.state_machine.arn,
        "status": str(execution.exec_status),
        "startedAtMs": int(execution.start_date.timestamp() * 1000),
    }
    if execution.stop_date:
        body["endedAtMs"] = int(execution.stop_date.timestamp() * 1000)
    report("executions", body)
