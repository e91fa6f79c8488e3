"""Seam: the gateway learns of every execution that starts or ends, for the metrics that Step Functions publishes of it.

An event of the same status may get lost, as on AWS; its metric does not.
"""

import queue
import threading

from seam import need, post

_TIMEOUT_SECONDS = 5


def open_seam(stepfunctions, gateway: str) -> None:
    run = need(stepfunctions, "_run_execution")
    emit = need(stepfunctions, "_emit_execution_status_event")
    executions = need(stepfunctions, "_executions")
    epoch_ms = need(stepfunctions, "_iso_to_epoch_ms")
    told: queue.Queue = queue.Queue(maxsize=10_000)

    def tell(execution):
        body = {
            "stateMachineArn": execution["stateMachineArn"],
            "status": execution["status"],
            "startedAtMs": epoch_ms(execution.get("startDate")),
            "endedAtMs": epoch_ms(execution.get("stopDate")),
        }
        try:
            told.put_nowait(body)
        except queue.Full:
            pass

    def run_and_tell(exec_arn):
        execution = executions.get(exec_arn)
        if execution:
            tell({**execution, "status": "RUNNING", "stopDate": None})
        return run(exec_arn)

    def emit_and_tell(execution):
        if execution["status"] != "RUNNING":
            tell(execution)
        return emit(execution)

    def forward():
        while True:
            body = told.get()
            try:
                post(gateway, "/_holdfast/executions", body, _TIMEOUT_SECONDS)
            except (ValueError, OSError):
                pass  # no execution waits for its metrics or fails with them

    threading.Thread(target=forward, daemon=True, name="execution-metrics").start()
    stepfunctions._run_execution = run_and_tell
    stepfunctions._emit_execution_status_event = emit_and_tell
