"""Seam: published versions of state machines.

MiniStack keeps versions, but runs the machine's newest definition for each of them, reads that a moment after the start,
and has no AWS::StepFunctions::StateMachineVersion. On AWS an execution keeps the definition that it started with.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

import contextvars
import json

from seam import need

# The state machine as this thread's execution started it: its ARN, definition, role and requested version.
_pinned: contextvars.ContextVar = contextvars.ContextVar("holdfast_pinned_machine", default=None)


def open_seam(stepfunctions, provisioners) -> None:
    machines = need(stepfunctions, "_state_machines")
    versions = need(stepfunctions, "_state_machine_versions")
    executions = need(stepfunctions, "_executions")
    version_arn_of = need(stepfunctions, "_execution_version_arn")
    run = need(stepfunctions, "_run_execution")
    describe = need(stepfunctions, "_describe_execution")

    class PinnedMachines(type(machines)):
        """The same machines; an execution's own thread sees its machine as it was."""

        __slots__ = ()

        def get(self, key, default=None):
            machine = super().get(key, default)
            pinned = _pinned.get()
            if machine is None or pinned is None or pinned["stateMachineArn"] != key:
                return machine
            return {**machine, "definition": pinned["definition"], "roleArn": pinned["roleArn"]}

        def __getitem__(self, key):
            found = self.get(key)
            if found is None:
                raise KeyError(key)
            return found

    seen = PinnedMachines()
    seen._data = machines._data
    stepfunctions._state_machines = seen

    def pinning(start):
        def start_pinned(data):
            requested = data.get("stateMachineArn", "")
            version = versions.get(version_arn_of(requested))
            arn = version["stateMachineArn"] if version else requested
            machine = version or machines.get(arn)
            if machine is None:
                return start(data)
            mark = _pinned.set(
                {
                    "stateMachineArn": arn,
                    "definition": machine["definition"],
                    "roleArn": machine["roleArn"],
                    "version": version["stateMachineVersionArn"] if version else None,
                }
            )
            try:
                return start({**data, "stateMachineArn": arn})
            finally:
                _pinned.reset(mark)

        return start_pinned

    def run_noting_version(exec_arn):
        execution, pinned = executions.get(exec_arn), _pinned.get()
        if execution and pinned and pinned["version"] and pinned["stateMachineArn"] == execution["stateMachineArn"]:
            execution["stateMachineVersionArn"] = pinned["version"]
        return run(exec_arn)

    def describe_with_version(data):
        status, headers, body = describe(data)
        version = (executions.get(data.get("executionArn")) or {}).get("stateMachineVersionArn")
        if status == 200 and version:
            body = json.dumps({**json.loads(body), "stateMachineVersionArn": version}).encode()
        return status, headers, body

    for name in ("_start_execution", "_start_sync_execution"):
        setattr(stepfunctions, name, pinning(need(stepfunctions, name)))
    stepfunctions._run_execution = run_noting_version
    stepfunctions._describe_execution = describe_with_version
    _provide_versions(stepfunctions, provisioners, versions)


def _provide_versions(stepfunctions, provisioners, versions) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    publish = need(stepfunctions, "_publish_state_machine_version")
    delete_version = need(stepfunctions, "_delete_state_machine_version")
    machine_handler = handlers["AWS::StepFunctions::StateMachine"]
    delete_machine = machine_handler["delete"]

    def answer(reply):
        status, _headers, body = reply
        if status >= 400:
            raise ValueError(json.loads(body).get("message", "refused"))
        return json.loads(body)

    def create(logical_id, properties, stack_name):
        request = {"stateMachineArn": properties["StateMachineArn"], "description": properties.get("Description", "")}
        if properties.get("StateMachineRevisionId"):
            request["revisionId"] = properties["StateMachineRevisionId"]
        arn = answer(publish(request))["stateMachineVersionArn"]
        return arn, {"Arn": arn}

    def update(physical_id, old, new, stack_name, logical_id):
        # Any change is a replacement; UpdateReplacePolicy decides about the previous one.
        return create(logical_id, new, stack_name)

    def delete(physical_id, properties):
        answer(delete_version({"stateMachineVersionArn": physical_id}))

    def delete_with_versions(physical_id, properties):
        delete_machine(physical_id, properties)
        for arn in [arn for arn, version in versions.items() if version["stateMachineArn"] == physical_id]:
            versions.pop(arn, None)

    handlers["AWS::StepFunctions::StateMachineVersion"] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
    handlers["AWS::StepFunctions::StateMachine"] = {**machine_handler, "delete": delete_with_versions}
