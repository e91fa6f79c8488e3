"""The gateway's faults of `states:StartExecution` reach the children that a state machine starts, whose calls do not pass the gateway."""

import threading
import time
from typing import Any

from botocore.exceptions import ClientError
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.utils.patch import patch

from holdfast_localstack.faults import fault_for

# StartExecution's own errors, which Step Functions names after the exception; others get the name of the SDK's base class.
_MODELLED = ("ExecutionAlreadyExists", "ExecutionLimitExceeded", "InvalidArn", "InvalidExecutionInput", "InvalidName",
             "StateMachineDeleting", "StateMachineDoesNotExist", "KmsThrottling", "KmsAccessDenied", "Validation")  # fmt: skip
_OTHER = "AWSStepFunctions"
_NO_ANSWER = "SdkClient"
# A start whose answer is lost has happened by then.
_LOST_SECONDS = 0.2


def fail_child_starts() -> None:
    @patch(StateTaskServiceSfn._eval_service_task)
    def eval_service_task(fn, self: StateTaskServiceSfn, env: Environment, *args: Any, **kwargs: Any) -> None:
        parameters = kwargs.get("normalised_parameters") or {}
        role = env.aws_execution_details.role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
        texts = [str(parameters[key]) for key in ("stateMachineArn", "name") if key in parameters]
        call = {"service": "states", "action": "StartExecution", "caller": f"{role}/states", "texts": texts}
        effect = fault_for("of-call", call) or {}
        match effect.get("kind"):
            case "error":
                raise _refusal(effect["code"], effect["message"])
            case "loseAnswer" | "breakOff":
                threading.Thread(target=_start_unheard, args=(fn, self, env, args, kwargs), daemon=True).start()
                time.sleep(_LOST_SECONDS)
                raise _error(_NO_ANSWER, "Unable to execute HTTP request: the connection was reset")
            case "delay":
                time.sleep(effect["ms"] / 1000)
        fn(self, env, *args, **kwargs)


def _start_unheard(fn: Any, task: StateTaskServiceSfn, env: Environment, args: Any, kwargs: Any) -> None:
    frame = env.open_frame()
    try:
        fn(task, frame, *args, **kwargs)
    except ClientError:
        pass
    finally:
        env.delete_frame(frame)


def _refusal(code: str, message: str) -> ClientError:
    name = code.removesuffix("Exception")
    return _error(name if name in _MODELLED else _OTHER, message)


def _error(name: str, message: str) -> ClientError:
    """LocalStack calls it StepFunctions.NAMEException."""
    metadata = {"HTTPStatusCode": 400, "RequestId": "00000000-0000-4000-8000-000000000000"}
    return ClientError({"Error": {"Code": name, "Message": message}, "ResponseMetadata": metadata}, "StartExecution")
