"""Seam: how Step Functions starts a child execution for a parent.

An execution's name is used once. A start with the name and the input of an execution that is running returns that one, so that a
task that tries again waits for the child that it has started; any other start under a known name is refused. A refusal has
Step Functions' name of the error. The gateway's faults of `states:StartExecution` reach children as well.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import contextvars
import json
import threading
import time

from seam import need
from seams_faults import fault_for
from seams_stepfunctions import role_of, running

# StartExecution's own errors, which Step Functions names after the exception; others get the name of the SDK's base class.
_MODELLED = ("ExecutionAlreadyExists", "ExecutionLimitExceeded", "InvalidArn", "InvalidExecutionInput", "InvalidName",
             "StateMachineDeleting", "StateMachineDoesNotExist", "KmsThrottling", "KmsAccessDenied", "Validation")  # fmt: skip
_START = "arn:aws:states:::states:startExecution"
_POLL_SECONDS = 0.1


def open_seam(stepfunctions, gateway: str) -> None:
    _start_once(stepfunctions)
    _name_refusals(stepfunctions, gateway)


def _start_once(stepfunctions) -> None:
    executions = need(stepfunctions, "_executions")
    resolve = need(stepfunctions, "_resolve_state_machine_arn")
    refuse = need(stepfunctions, "error_response_json")
    respond = need(stepfunctions, "json_response")

    def known_execution(data):
        machine = resolve(data.get("stateMachineArn", "").split("#")[0])
        name = data.get("name")
        return executions.get(f"{machine.replace(':stateMachine:', ':execution:')}:{name}") if machine and name else None

    def wait_for(execution):
        parent = running.get()
        while execution["status"] == "RUNNING" and (not parent or executions[parent]["status"] == "RUNNING"):
            time.sleep(_POLL_SECONDS)
        names = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "input", "output", "error", "cause")
        return respond({name: execution.get(name) for name in names if execution.get(name) is not None})

    def once(name, running_one):
        start = need(stepfunctions, name)

        def start_once(data):
            execution = known_execution(data)
            if execution is None:
                return start(data)
            if execution["status"] != "RUNNING" or execution["input"] != data.get("input", "{}"):
                return refuse("ExecutionAlreadyExists", f"Execution Already Exists: '{execution['executionArn']}'", 400)
            return running_one(execution)

        setattr(stepfunctions, name, start_once)

    once("_start_execution", lambda one: respond({"executionArn": one["executionArn"], "startDate": one["startDate"]}))
    once("_start_sync_execution", wait_for)


def _name_refusals(stepfunctions, gateway: str) -> None:
    invoke = need(stepfunctions, "_invoke_resource")
    error_of = need(stepfunctions, "_ExecutionError")

    def refusal(code, message):
        known = code.removesuffix("Exception") in _MODELLED
        return error_of(f"StepFunctions.{code.removesuffix('Exception')}Exception" if known else "StepFunctions.AWSStepFunctionsException",
                        f"{message} (Service: AWSStepFunctions; Status Code: 400; Error Code: {code})")  # fmt: skip

    def start(resource, input_data):
        try:
            return invoke(resource, input_data)
        except error_of as error:
            if error.error in _MODELLED:
                raise refusal(error.error, error.cause) from None
            raise

    def lose_answer(resource, input_data):
        """The child runs, and its parent does not learn of it."""

        def run():
            try:
                start(resource, input_data)
            except error_of:
                pass

        threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
        time.sleep(2 * _POLL_SECONDS)
        return error_of("StepFunctions.SdkClientException", "Unable to execute HTTP request: the connection was reset")

    def invoke_with_faults(resource, input_data):
        if not resource.startswith(_START):
            return invoke(resource, input_data)
        role = (role_of(stepfunctions, running.get()) or "").replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        texts = [str(value) for key, value in input_data.items() if key in ("StateMachineArn", "Name")]
        call = {"service": "states", "action": "StartExecution", "caller": f"{role}/states", "texts": texts}
        effect = fault_for(gateway, "of-call", call) or {}
        match effect.get("kind"):
            case "error":
                raise refusal(effect["code"], effect["message"])
            case "loseAnswer" | "breakOff":
                raise lose_answer(resource, input_data)
            case "delay":
                time.sleep(effect["ms"] / 1000)
        return start(resource, input_data)

    stepfunctions._invoke_resource = invoke_with_faults
