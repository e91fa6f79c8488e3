"""Seam: reports every execution that starts or ends to the gateway, for the metrics that Step Functions publishes.

A status event can get lost, as on AWS; its metric does not.
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
    reports: queue.Queue = queue.Queue(maxsize=10_000)

    def report(execution):
        body = {
            "stateMachineArn": execution["stateMachineArn"],
            "status": execution["status"],
            "startedAtMs": epoch_ms(execution.get("startDate")),
            "endedAtMs": epoch_ms(execution.get("stopDate")),
        }
        try:
            reports.put_nowait(body)
        except queue.Full:
            pass

    def run_and_report(exec_arn):
        execution = executions.get(exec_arn)
        if execution:
            report({**execution, "status": "RUNNING", "stopDate": None})
        return run(exec_arn)

    def emit_and_report(execution):
        if execution["status"] != "RUNNING":
            report(execution)
        return emit(execution)

    def forward():
        while True:
            body = reports.get()
            try:
                post(gateway, "/_holdfast/executions", body, _TIMEOUT_SECONDS)
            except (ValueError, OSError):
                pass  # no execution waits for its metrics or fails with them

    threading.Thread(target=forward, daemon=True, name="execution-metrics").start()
    stepfunctions._run_execution = run_and_report
    stepfunctions._emit_execution_status_event = emit_and_report
