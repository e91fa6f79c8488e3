# How far the server's user data is: the agent is online minutes before packages are installed. user-data/begin.sh writes the state
# as lines: `running`, `failed` or `ended`; the phase; the script's process and boot, or why it failed.
import os
import time

from instance import ETC, INSTANCE_ENVIRONMENT
from foreign_words import service_redactor

USER_DATA_STATE = os.path.join(ETC, "user-data-state")
# What a failed script printed, in a record or report.
LONGEST_REASON = 400


def user_data_state():
    """Word, phase and rest; empty before user data has begun."""
    try:
        with open(USER_DATA_STATE, encoding="utf-8", errors="replace") as file:
            word, phase, rest = (file.read(8192).split("\n", 2) + ["", ""])[:3]
            return word, phase[:100], rest
    except OSError:
        return "", "", ""


def boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def is_running(rest):
    """Whether the process that wrote the state still runs, in the same boot."""
    process, _, boot = rest.strip().partition(" ")
    return not boot or (boot == boot_id() and os.path.exists("/proc/" + process))


class NotPrepared(Exception):
    """User data cannot prepare this server any more."""


def wait_for_user_data(limit_seconds):
    """None once the server is prepared; otherwise what its user data does at the end of the time. Raises NotPrepared."""
    deadline = time.monotonic() + limit_seconds
    while True:
        word, phase, rest = user_data_state()
        if word == "failed":
            redactor = service_redactor(dict())
            lines = " | ".join(line for line in map(redactor.line, rest.splitlines()) if line)
            raise NotPrepared("user data failed while %s: %s" % (phase, lines[:LONGEST_REASON]))
        if word == "running" and not is_running(rest) and user_data_state()[0] == "running":
            raise NotPrepared("user data was stopped while %s, and does not run again: replace the instance" % phase)
        if word != "running" and os.path.exists(INSTANCE_ENVIRONMENT):
            return None
        if word == "ended":
            raise NotPrepared("user data has ended without etc/instance.env: replace the instance")
        if time.monotonic() > deadline:
            return phase or "user data has not begun"
        time.sleep(0.5)
