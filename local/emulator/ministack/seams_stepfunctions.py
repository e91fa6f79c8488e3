"""Seam: a state machine's TimeoutSeconds ends its executions as TIMED_OUT, and no late result changes an ended one."""

import json
import threading

from seam import need


def open_seam(stepfunctions) -> None:
    run = need(stepfunctions, "_run_execution")
    fail = need(stepfunctions, "_fail_execution")
    executions = need(stepfunctions, "_executions")
    machines = need(stepfunctions, "_state_machines")
    add_event = need(stepfunctions, "_add_event")
    emit_status = need(stepfunctions, "_emit_execution_status_event")
    now_iso = need(stepfunctions, "now_iso")

    def time_out(execution):
        if execution["status"] != "RUNNING":
            return
        execution["status"] = "TIMED_OUT"
        execution["stopDate"] = now_iso()
        add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        emit_status(execution)

    def run_bounded(exec_arn):
        execution = executions.get(exec_arn)
        machine = machines.get(execution["stateMachineArn"]) if execution else None
        limit = _timeout_seconds(machine)
        if limit is None:
            return run(exec_arn)
        # The timer's thread must see the same account and Region as the execution's.
        import contextvars

        timer = threading.Timer(limit, contextvars.copy_context().run, args=(time_out, execution))
        timer.daemon = True
        timer.start()
        try:
            return run(exec_arn)
        finally:
            timer.cancel()

    def fail_running(execution, error, cause):
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._run_execution = run_bounded
    stepfunctions._fail_execution = fail_running


def _timeout_seconds(machine):
    try:
        limit = json.loads(machine["definition"]).get("TimeoutSeconds")
        return float(limit) if limit else None
    except (TypeError, KeyError, ValueError):
        return None
