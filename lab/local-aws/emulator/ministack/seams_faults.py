"""Seam: injects the gateway's faults into invocations of Node functions and events of Step Functions.

The gateway has the faults that a test has set; MiniStack requests the fault before each invocation and event. Without a
response there is no fault. A fault reaches the bootstrap as a header of the Runtime API's next invocation, so that an
error, a killed process and a time-out are the function's own and are handled by MiniStack as usual.
"""

import contextvars
import json
import threading

from seam import need, post

# Requested before every invocation: a gateway that hangs must not delay functions for long.
_TIMEOUT_SECONDS = 2
_HEADER = "Holdfast-Fault"


def open_seam(lambda_svc, lambda_runtime, stepfunctions, gateway: str) -> None:
    _fail_invocations(lambda_svc, need(lambda_runtime, "ProvidedWorker"), gateway)
    _lose_events(stepfunctions, gateway)


def fault_for(gateway: str, what: str, body: dict):
    try:
        return post(gateway, f"/_holdfast/faults/{what}", body, _TIMEOUT_SECONDS).get("effect")
    except (ValueError, OSError):
        return None


def _fail_invocations(lambda_svc, worker, gateway: str) -> None:
    run = need(lambda_svc, "_execute_function_provided_warm")
    build = need(worker, "_build_handler_class")
    effects: dict[str, dict] = {}

    def execute(func, event, request_id):
        config = func.get("config") or func
        effect = fault_for(gateway, "of-invocation", {"function": config.get("FunctionName", ""), "payload": event})
        if effect:
            effects[request_id] = effect
        try:
            return run(func, event, request_id)
        finally:
            effects.pop(request_id, None)

    def build_with_faults(self, generation, pending):
        class Handler(build(self, generation, pending)):
            def send_header(self, keyword, value):
                super().send_header(keyword, value)
                effect = effects.pop(value, None) if keyword == "Lambda-Runtime-Aws-Request-Id" else None
                if effect:
                    super().send_header(_HEADER, json.dumps(effect))

        return Handler

    lambda_svc._execute_function_provided_warm = execute
    worker._build_handler_class = build_with_faults


def _lose_events(stepfunctions, gateway: str) -> None:
    emit = need(stepfunctions, "_emit_execution_status_event")

    def emit_or_lose(execution):
        if execution.get("sync"):
            return emit(execution)
        # A late event has the status at the time of the change, whatever the execution's status is by then.
        snapshot = dict(execution)
        names = ("executionArn", "stateMachineArn", "name", "status")
        body = {
            "source": "aws.states",
            "detailType": "Step Functions Execution Status Change",
            "resources": [snapshot.get("executionArn", "")],
            "detail": {name: snapshot.get(name) for name in names},
        }
        effect = fault_for(gateway, "of-event", body) or {}
        kind = effect.get("kind")
        if kind == "drop":
            return None
        if kind == "delay":
            later = threading.Timer(effect["ms"] / 1000, contextvars.copy_context().run, args=(emit, snapshot))
            later.daemon = True
            later.start()
            return None
        emit(snapshot)
        if kind == "twice":
            emit(snapshot)
        return None

    stepfunctions._emit_execution_status_event = emit_or_lose
