"""Seam: a task that waits for its token.

A function that fails while it is asked fails the task. Each attempt has a token of its own. An answer to a task whose
execution has ended is refused.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

import contextvars

from seam import need
from seams_stepfunctions import running

_PATTERN = ".waitForTaskToken"
_asking: contextvars.ContextVar = contextvars.ContextVar("holdfast_token", default=None)


def open_seam(stepfunctions) -> None:
    wait = need(stepfunctions, "_invoke_with_callback")
    call = need(stepfunctions, "_call_lambda")
    fill = need(stepfunctions, "_apply_parameters")
    tokens = need(stepfunctions, "_task_tokens")
    executions = need(stepfunctions, "_executions")
    new_token = need(stepfunctions, "new_uuid")
    error_of = need(stepfunctions, "_ExecutionError")
    refuse = need(stepfunctions, "error_response_json")
    asked_by: dict = {}

    def fill_with_token(state_def, data, ctx=None):
        if ctx is not None and _PATTERN in str(state_def.get("Resource", "")):
            ctx["Task"] = {"Token": new_token()}
        return fill(state_def, data, ctx)

    def call_for_token(func_ref, event):
        try:
            return call(func_ref, event)
        except error_of as error:
            info = tokens.get(_asking.get() or "")
            if info is not None:
                info["error"] = {"Error": error.error, "Cause": error.cause}
                info["event"].set()
            raise

    def wait_for_answer(resource, input_data, token, state_def):
        asked_by[token] = running.get()
        mark = _asking.set(token)
        try:
            return wait(resource, input_data, token, state_def)
        finally:
            _asking.reset(mark)
            asked_by.pop(token, None)

    def unless_closed(answer):
        def answer_open(data):
            execution = executions.get(asked_by.get(data.get("taskToken"), ""))
            if execution is not None and execution["status"] != "RUNNING":
                return refuse("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
            return answer(data)

        return answer_open

    stepfunctions._apply_parameters = fill_with_token
    stepfunctions._call_lambda = call_for_token
    stepfunctions._invoke_with_callback = wait_for_answer
    for name in ("_send_task_success", "_send_task_failure"):
        setattr(stepfunctions, name, unless_closed(need(stepfunctions, name)))
