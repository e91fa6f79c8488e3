# Starts the server's service and watches whether it comes up.
import http.client
import os
import re
import subprocess
import time

from connections import at_ports, ss
from environment_versions import INSTALLING, RECORDED, read_versions, write_versions
from foreign_words import foreign_words, local_url, service_properties
from readiness_page import readiness_of
from instance import SERVICE, health_of, is_healthy, probe_port, server_port, serving_contract
from journal import FailedAttempt, STATE_SECONDS
from probes import check_readiness, http_get
from run_quietly import run_quietly
from services import SYSTEMCTL_SECONDS, service_state, systemctl


# A process further up is not the service's any more.
MOST_PARENTS = 16
MOST_NAMED = 3
PROCESS = re.compile(r'\("([ !#-~]{1,64})",pid=([0-9]{1,9}),')
UNIT = re.compile(r"^(?:0:|[0-9]+:name=systemd):.*/([^/\n]{1,250}\.(?:service|scope))(?:/|$)", re.MULTILINE)


def held_by_another(service, read_contract):
    """`; port 80 is held by nginx (process 812 of nginx.service): …`; empty if nobody else listens there, or that is unknown. Never raises."""
    try:
        port = server_port(read_contract())
        names = holders(service, port) if port else []
    except Exception:
        # A MemoryError too: it must not prevent a rollback.
        return ""
    if not names:
        return ""
    more = " and others" if len(names) > MOST_NAMED else ""
    return "; port %d is held by %s%s: stop and disable what holds it" % (port, ", ".join(names[:MOST_NAMED]), more)


def holders(service, port):
    own = service_properties(service, "MainPID", STATE_SECONDS).get("MainPID", "0")
    found = []
    for name, pid in sorted(set(PROCESS.findall(ss("-l", "-p", *at_ports([port]))))):
        unit = unit_of(pid)
        if unit == SERVICE + ".service" or (own != "0" and own in parents_of(pid)):
            continue
        for text in socket_units(port) if pid == "1" else []:
            found.append("%s (systemd)" % text)
        if pid != "1":
            found.append("%s (process %s%s)" % (name, pid, " of %s" % unit if unit else ""))
    return found


def read_process(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), encoding="utf-8", errors="replace") as file:
            return file.read(64 * 1024)
    except OSError:
        return ""


def unit_of(pid):
    units = UNIT.findall(read_process(pid, "cgroup"))
    return units[0] if units else ""


def parents_of(pid):
    """The process and those that started it."""
    found = []
    while pid not in ("0", "1") and len(found) < MOST_PARENTS:
        found.append(pid)
        parent = re.search(r"^PPid:\s*([0-9]+)$", read_process(pid, "status"), re.MULTILINE)
        if parent is None:
            break
        pid = parent.group(1)
    return found


def socket_units(port):
    """systemd listens in the place of a service: the names of its units."""
    lines = run_quietly("systemctl", "list-sockets", "--no-pager", "--no-legend", "--full", limit_seconds=STATE_SECONDS).splitlines()
    rows = [line.split() for line in lines]
    return [row[1] for row in rows if len(row) > 1 and row[0].endswith(":%d" % port)] or ["a socket unit"]


# An active service that has not yet responded on its load-balancer path is left to the readiness check, which waits longer.
ANSWER_SECONDS = 15.0


class DidNotStart:
    """Why a service does not run, and what is kept to explain it later. Its text is the reason."""

    def __init__(self, reason, attempt):
        self.reason = reason
        self.attempt = attempt

    def __str__(self):
        return self.reason


def start_and_watch(service=SERVICE):
    """Starts the service. Returns None once it responds or has been active long enough, otherwise why it does not run. Never raises."""
    since = time.time()
    try:
        reason, answer = watch_start(service)
    except Exception as error:
        # A MemoryError too: it must not prevent a rollback.
        reason, answer = "its start could not be watched: %s" % type(error).__name__, None
    if reason is None:
        return None
    attempt = FailedAttempt(service, since, answer)
    return DidNotStart(reason + held_by_another(service, serving_contract), attempt)


def watch_start(service):
    """Why the service does not run, None if it does; and its last answer: URL, status and body."""
    answer = None
    try:
        started = systemctl("start", service)
    except subprocess.TimeoutExpired:
        return "systemctl start did not finish within %d s" % SYSTEMCTL_SECONDS, answer
    if started.returncode != 0:
        return "systemctl start exited with %d: %s" % (started.returncode, foreign_words(started.stdout, 200)), answer
    contract = serving_contract()
    health = health_of(contract)
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        state = service_state(service)
        if state != "active":
            return "the service is %s after its start" % state, answer
        try:
            if health.get("loadBalancer"):
                port = server_port(contract)
                status, body = http_get(port, health["loadBalancer"])
                answer = (local_url(port, health["loadBalancer"]), str(status), body)
                if is_healthy(contract, status):
                    # If another process responds on its port, the service itself can have ended.
                    return (None if service_state(service) == "active" else "the service ended during its health check"), answer
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    return None, answer


# What a release is given to be ready with the recorded versions: the step's 660 s have room for it, and another start. One that has not
# answered at all is left to the readiness check, which waits longer.
RECORDED_SECONDS = 120.0


def start_recorded():
    """
    Starts the release with the recorded versions of its secrets and parameters, where there are any, and once more with the current ones where
    it is not UP with those. Returns as start_and_watch does, and a sentence where the current ones were needed.
    """
    mark_install(True)
    try:
        reason = start_and_watch()
        if not read_versions(RECORDED) or (reason is None and becomes_up(RECORDED_SECONDS, still_starts=True)):
            return reason, None
        stop_failed(SERVICE)
        write_versions(RECORDED, dict())
        return start_and_watch(), "it was not UP with the recorded versions of its secrets and parameters, and was started with the current ones"
    finally:
        mark_install(False)


def mark_install(begins):
    try:
        if begins:
            write_versions(INSTALLING, dict(install=True))
        elif os.path.lexists(INSTALLING):
            os.remove(INSTALLING)
    except OSError:
        pass


def becomes_up(limit_seconds, still_starts=False):
    """Whether the release is ready within this time, or `still_starts` for a service without an answer; true without a readiness path."""
    contract = serving_contract()
    page = readiness_of(contract)
    deadline = time.monotonic() + limit_seconds
    while page:
        is_up, words, _ = check_readiness(probe_port(contract, page), page)
        if is_up:
            break
        if service_state(SERVICE) != "active":
            return False
        if time.monotonic() > deadline:
            return still_starts and not re.match(r"\d{3} ", words)
        time.sleep(1)
    return True


def stop_failed(service):
    """Stops a service that did not start. One that takes too long to stop does not prevent that another one is started."""
    try:
        systemctl("stop", service)
    except (OSError, MemoryError, subprocess.TimeoutExpired):
        pass
