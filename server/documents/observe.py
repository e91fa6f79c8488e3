# Requests the readiness path up to `attempts` times and reads the server's counters once at the end. With 0 attempts it waits
# for the end of user data instead, at most `intervalSeconds`. With `cookie` it reads the cookie of a session of nobody as well. With
# `sessions` it reads how the server's sessions are known; with `environmentParameter`, which of the fleet's variables this server can read.
import http.client
import os
import sys
import time

from instance import (
    CURRENT, NO_RELEASE, PLACEHOLDER_SERVICE, SERVICE, environment_value, has_placeholder, health_of, optional_parameter, parameter,
    probe_port, seconds, server_port, serving_contract, version_of,
)
from probes import ProbeError, check_readiness, http_get, read_probe
from environment_sources import Unreadable, read_list, resolve
from environment_versions import LIST
from readiness_page import readiness_of
from read_cookie import read_cookie
from sessions_in_memory import known_by
from unwritten import unwritten_of
from foreign_words import local_url
from journal import FailedAttempt, evidence
from words import print_result
from user_data_state import NotPrepared, wait_for_user_data

# The document's own time-out is 240 s.
LONGEST_SECONDS = 200.0


def explain_failure(response, body, asked):
    """What a failed check adds to the result. The rest of a response stays on the server."""
    service = SERVICE if version_of(CURRENT) != NO_RELEASE else PLACEHOLDER_SERVICE
    try:
        # The release's attempt began when its link was made.
        since = os.lstat(CURRENT).st_mtime
    except OSError:
        since = time.time() - LONGEST_SECONDS
    return evidence(FailedAttempt(service, since, (asked, response, body)))


def response_milliseconds(port, path):
    """Duration of one request, failed ones included: a missing response takes as long as the time-out."""
    started = time.monotonic()
    try:
        http_get(port, path)
    except (OSError, http.client.HTTPException):
        pass
    return (time.monotonic() - started) * 1000


def preparation_after(limit_seconds):
    """What keeps the server from being prepared, at most `limit_seconds` later."""
    try:
        phase = wait_for_user_data(limit_seconds)
    except NotPrepared as failure:
        return dict(preparationFailed=str(failure))
    return dict() if phase is None else dict(preparing=phase)


def how_sessions_are_known(contract):
    """By which cookie and route, and how long one lasts; and why a part of it cannot be read."""
    reasons = []
    known = known_by(contract, reasons)
    return dict(known, sessionsReason="; ".join(reasons)) if reasons else known


def changes_unwritten(contract, responses):
    try:
        return unwritten_of(contract, responses)
    except ProbeError as error:
        print("unwritten: %s" % error, file=sys.stderr)
        return None


def environment_read(parameter_name):
    """The versions of what the fleet's list names, and one sentence for each name that this server cannot read."""
    versions = dict()
    try:
        listed, versions[LIST] = read_list(parameter_name)
    except Unreadable as error:
        return dict(environment=dict(), variables=[], unread=[str(error)])
    values, unread = resolve(listed, dict())
    versions.update((name, version) for name, (_, version, _) in values.items() if version)
    reasons = sorted(unread.values())
    if listed and has_placeholder() and environment_value("ENVIRONMENT_PARAMETER") != parameter_name:
        reasons.append("this server was launched before its fleet had variables, and its user data reads none: replace it")
    return dict(environment=versions, variables=sorted(listed), unread=[reason[:400] for reason in reasons])


def main():
    attempts = int(parameter("attempts", r"[0-9]{1,2}"))
    interval = seconds("intervalSeconds")
    preparation = dict() if attempts > 0 else preparation_after(interval)
    confirm = seconds("confirmSeconds")
    contract = serving_contract()
    port = server_port(contract)
    page = readiness_of(contract)
    page_port = probe_port(contract, page) if page else 0
    end = time.monotonic() + LONGEST_SECONDS

    live = health_of(contract).get("loadBalancer")
    durations = []
    up_in_a_row = 0
    response = "not checked" if page else "no release with a readiness path is installed"
    body = ""
    for attempt in range(attempts if page else 0):
        if attempt > 0:
            pause = confirm if up_in_a_row > 0 else interval
            if time.monotonic() + pause > end:
                break
            time.sleep(pause)
        up, response, body = check_readiness(page_port, page)
        up_in_a_row = up_in_a_row + 1 if up else 0
        if live:
            durations.append(response_milliseconds(port, live))

    result = dict(upInARow=up_in_a_row, attempts=attempts, lastAnswer=response, version=version_of(CURRENT), **preparation)
    if page and attempts > 0 and up_in_a_row == 0:
        result.update(explain_failure(response, body, local_url(page_port, page["path"])))
    responses = dict()
    if durations:
        # The median, so that one response that waited for a garbage collection does not count.
        result["latencyMs"] = round(sorted(durations)[(len(durations) - 1) // 2], 1)
    for name in ("inFlight", "requests", "errors", "sessions", "latencyMs"):
        if isinstance(contract.get(name), dict):
            try:
                result[name] = read_probe(contract, name, responses)
            except ProbeError as error:
                print("%s: %s" % (name, error), file=sys.stderr)
    unwritten = changes_unwritten(contract, responses)
    if unwritten is not None:
        result["unwritten"] = unwritten
    if optional_parameter("cookie", r"read"):
        result.update(read_cookie(contract))
    if optional_parameter("sessions", "known"):
        result.update(how_sessions_are_known(contract))
    listed = optional_parameter("environmentParameter", r"/[A-Za-z0-9/_.-]{1,200}")
    if listed:
        result.update(environment_read(listed))
    print_result(result)


main()
