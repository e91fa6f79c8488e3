"""Seam: the creation of a CloudFormation resource fails or takes longer, as a test has set.

Whether any rule is about creations is requested once per stack operation: a stack without a fault is as fast as before. With
one, every resource is created on a thread of its own, so that a delay does not stop the emulator.
"""

import time

from seam import need, post

_TIMEOUT_SECONDS = 2


def open_seam(cloudformation, stacks, gateway: str) -> None:
    deploy = need(stacks, "_deploy_stack_async")
    provision = need(stacks, "_provision_resource")
    runs_on_thread = need(stacks, "_runs_on_worker_thread")
    need(stacks, "_provision_keeping_seed")
    faulty: set[str] = set()

    async def deploy_with_faults(stack_name, *args, **kwargs):
        if _ask(gateway, "concern-creations", {}).get("some"):
            faulty.add(stack_name)
        try:
            return await deploy(stack_name, *args, **kwargs)
        finally:
            faulty.discard(stack_name)

    def provision_or_fail(resource_type, logical_id, properties, stack_name):
        if stack_name in faulty:
            effect = _ask(gateway, "of-creation", {"stack": stack_name, "type": resource_type, "logicalId": logical_id}).get("effect") or {}
            if effect.get("kind") == "error":
                raise ValueError(f'Resource handler returned message: "{effect["message"]}"')
            if effect.get("kind") == "delay":
                time.sleep(effect["ms"] / 1000)
        return provision(resource_type, logical_id, properties, stack_name)

    # The provisioning functions look this name up when they are called.
    stacks._provision_resource = provision_or_fail
    stacks._runs_on_worker_thread = lambda resource_type: bool(faulty) or runs_on_thread(resource_type)
    for module in (stacks, need(cloudformation, "handlers"), need(cloudformation, "changesets")):
        need(module, "_deploy_stack_async")
        module._deploy_stack_async = deploy_with_faults


def _ask(gateway: str, what: str, body: dict) -> dict:
    try:
        return post(gateway, f"/_holdfast/faults/{what}", body, _TIMEOUT_SECONDS)
    except (ValueError, OSError):
        return {}
