"""Seams of Step Functions.

A state machine's TimeoutSeconds ends its executions as TIMED_OUT, and no late result changes an ended one. A failed child
execution is States.TaskFailed to its parent, with the child's description as the cause. A parent that is aborted
or times out also stops the children that it waits for, if its role allows it. Histories of the oldest executions are
removed: on AWS they are removed after 90 days.
"""

import contextvars
import json
import threading

from seam import need

# Some 50 deploys of three targets; a history takes up to a megabyte.
_KEPT_EXECUTIONS = 200

# The execution whose thread this is: what a nested one has as its parent.
running: contextvars.ContextVar = contextvars.ContextVar("holdfast_execution", default=None)


def open_seam(stepfunctions, judge) -> None:
    run = need(stepfunctions, "_run_execution")
    fail = need(stepfunctions, "_fail_execution")
    stop = need(stepfunctions, "_stop_execution")
    need(stepfunctions, "_nested_execution_failure")
    executions = need(stepfunctions, "_executions")
    machines = need(stepfunctions, "_state_machines")
    add_event = need(stepfunctions, "_add_event")
    emit_status = need(stepfunctions, "_emit_execution_status_event")
    now_iso = need(stepfunctions, "now_iso")
    children: dict[str, list[str]] = {}

    def abort_children(exec_arn):
        for child in children.get(exec_arn, []):
            if executions[child]["status"] != "RUNNING" or judge(role_of(stepfunctions, exec_arn), "states:StopExecution", child):
                continue
            stop({"executionArn": child})
            abort_children(child)

    def time_out(execution):
        if execution["status"] != "RUNNING":
            return
        execution["status"] = "TIMED_OUT"
        execution["stopDate"] = now_iso()
        add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        emit_status(execution)
        abort_children(execution["executionArn"])

    def run_bounded(exec_arn):
        execution = executions.get(exec_arn)
        machine = machines.get(execution["stateMachineArn"]) if execution else None
        parent = running.get()
        waited_for = bool(execution and execution.get("sync") and parent)
        if waited_for:
            children.setdefault(parent, []).append(exec_arn)
            if executions[parent]["status"] != "RUNNING":
                stop({"executionArn": exec_arn})  # the parent ended between its decision and this start
        limit = _timeout_seconds(machine)
        timer = None
        if limit is not None:
            # The timer's thread must see the same account and Region as the execution's.
            timer = threading.Timer(limit, contextvars.copy_context().run, args=(time_out, execution))
            timer.daemon = True
            timer.start()
        mark = running.set(exec_arn)
        try:
            return run(exec_arn)
        finally:
            running.reset(mark)
            children.pop(exec_arn, None)
            if waited_for:
                children.get(parent, [exec_arn]).remove(exec_arn)
            if timer is not None:
                timer.cancel()
            forget_oldest()

    def forget_oldest():
        ended = sorted((one["stopDate"], arn) for arn, one in executions.items() if one["status"] != "RUNNING" and one.get("stopDate"))
        for _, arn in ended[:-_KEPT_EXECUTIONS]:
            executions.pop(arn, None)

    def fail_running(execution, error, cause):
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    def stop_with_children(data):
        answer = stop(data)
        abort_children(data.get("executionArn"))
        return answer

    stepfunctions._run_execution = run_bounded
    stepfunctions._fail_execution = fail_running
    stepfunctions._stop_execution = stop_with_children
    stepfunctions._nested_execution_failure = _describe_failure


def role_of(stepfunctions, execution_arn):
    """ARN of the role of an execution's state machine; None when the machine is gone."""
    execution = stepfunctions._executions.get(execution_arn)
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) if execution else None
    return machine["roleArn"] if machine else None


def _describe_failure(child):
    """What a parent catches. https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"""
    names = ("executionArn", "input", "name", "stateMachineArn", "startDate", "stopDate", "status", "error", "cause")
    return "States.TaskFailed", json.dumps({name[0].upper() + name[1:]: child[name] for name in names if child.get(name) is not None})


def _timeout_seconds(machine):
    try:
        limit = json.loads(machine["definition"]).get("TimeoutSeconds")
        return float(limit) if limit else None
    except (TypeError, KeyError, ValueError):
        return None
