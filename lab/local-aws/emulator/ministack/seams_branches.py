"""Seam: what ends the branches of a Parallel and the items of a Map.

The first one that fails ends the state at once, with its own error; the others enter no further state. MiniStack waits for
all of them. Nothing of an execution that was stopped or ran out of time enters a further state.
https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
"""

import contextvars
import json
import threading

from seam import need
from seams_stepfunctions import running

_STATES = ("_execute_pass", "_execute_task", "_execute_choice", "_execute_wait", "_execute_parallel", "_execute_map")

# The innermost Parallel or Map that this thread works for.
_group: contextvars.ContextVar = contextvars.ContextVar("holdfast_branches", default=None)


class _Group:
    """The branches of one attempt of one state."""

    def __init__(self, parent):
        self.parent = parent
        self.over = threading.Event()
        self.error = None
        self.answer = None

    def fail(self, error):
        self.error = self.error or error
        self.over.set()


def open_seam(stepfunctions):
    """Returns the function that says whether the execution of this thread, or a Parallel or Map around it, has ended."""
    executions = need(stepfunctions, "_executions")
    error_of = need(stepfunctions, "_ExecutionError")
    run_branch = need(stepfunctions, "_run_sub_machine")

    def is_over():
        execution, group = executions.get(running.get() or ""), _group.get()
        while group is not None and group.error is None:
            group = group.parent
        return group is not None or (execution is not None and execution["status"] != "RUNNING")

    def run_branch_of_group(*args):
        try:
            return run_branch(*args)
        except Exception as error:
            if _group.get() is not None:
                _group.get().fail(error)
            raise

    def ending_early(run):
        def run_group(*args):
            # Some items of a Distributed Map are allowed to fail.
            if "DISTRIBUTED" in json.dumps(args[0].get("ItemProcessor", {}).get("ProcessorConfig", {})):
                return run(*args)
            group = _Group(_group.get())

            def work():
                _group.set(group)
                try:
                    group.answer = run(*args)
                except Exception as error:
                    group.fail(error)
                group.over.set()

            threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
            group.over.wait()
            if group.error is None:
                return group.answer
            raise group.error if isinstance(group.error, error_of) else error_of("States.Runtime", str(group.error))

        return run_group

    def entering(execute):
        def enter(*args):
            if is_over():
                raise error_of("States.Runtime", "The execution, or the state around this one, has ended.")
            return execute(*args)

        return enter

    stepfunctions._run_sub_machine = run_branch_of_group
    for name in ("_run_parallel_branches", "_run_map_items"):
        setattr(stepfunctions, name, ending_early(need(stepfunctions, name)))
    for name in _STATES:
        setattr(stepfunctions, name, entering(need(stepfunctions, name)))
    return is_over
