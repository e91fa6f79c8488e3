"""Goes through the local cloud's services as boto3 does, with AWS_ENDPOINT_URL and the credentials file of the environment.
Prints one line of JSON: which operations, waiters and paginators worked, and what was wrong with the answers.

Arguments: the parts to go through, none for all of them; `reading` reads what is there and changes nothing.
"""

import json
import sys
import threading
import time
import traceback

# Before the AWS CLI, which otherwise puts its own copy, months older, in the place of botocore.
import boto3  # noqa: F401

import load_balancing
import machines
import monitoring
import reading
import session_store
import stacks
from command_line import CommandLine
from watch import Watch

PARTS = {
    "load-balancing": load_balancing.run,
    "machines": machines.run,
    "session-store": session_store.run,
    "monitoring": monitoring.run,
    "stacks": stacks.run,
}


def main():
    watch = Watch()
    watch.command_line = CommandLine(watch)
    seconds = {}

    def go_through(names):
        for name in names:
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            started = time.monotonic()
            try:
                PARTS[name](watch)
            except Exception:
                watch.faults.append(f"{name}: {traceback.format_exc()}")
            seconds[name] = round(time.monotonic() - started, 1)

    if sys.argv[1:] == ["reading"]:
        PARTS["reading"] = reading.run
        go_through(["reading"])
        return report_of(watch, seconds)
    monitoring.put_data(watch)
    # They wait more than they work. Those of one line see each other's resources.
    threads = [threading.Thread(target=go_through, args=(names,)) for names in (("session-store",), ("load-balancing", "machines", "monitoring", "stacks"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report_of(watch, seconds)


def report_of(watch, seconds):
    named = lambda pairs: sorted(f"{service}.{name}" for service, name in pairs)
    report = {
        "faults": sorted(set(watch.faults)),
        "answers": watch.checked,
        "operations": named(watch.operations),
        "waiters": named(watch.waiters),
        "paginators": named(watch.paginators),
        "commands": named(watch.command_line.commands),
        "seconds": seconds,
    }
    print(json.dumps(report))


main()
