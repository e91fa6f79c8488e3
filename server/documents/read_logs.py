# Reads the server's logs as the release's contract describes them, and prints counts, keyed hashes and attributes as one line.
import http.client
import json
import os
import resource

from instance import CURRENT, SERVICE, current_contract, environment_value, health_of, parameter, version_of
from time_limit import Expired, TimeLimit
from print_result import print_result
from words import printable
from run_quietly import shorten
from log_pattern import InvalidPattern, reader_of
from log_values import Hasher, Paths
from log_files import NoLog, Reading, describe_os
from access_log import AccessLog, MOST_SESSIONS, READ_SECONDS
from application_log import ApplicationLog, read_journal
from gate_page import gate_of
from own_view import cookie_view, gate_view, store_view, unwritten_view

# Systems Manager keeps the first 24,000 characters.
LONGEST_OUTPUT = 23000
MEMORY_BYTES = 768 * 1024 * 1024
# This part of an access log's lines can be unknown: a few are always cut, or another program's.
MOST_UNKNOWN = 0.1


def limit_itself():
    """The server's users come first, and a log must not take its memory."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def is_before(log, from_ms):
    """What was read last is older than what is asked for: by its latest time, since a client can put an old one into a log."""
    return log.block_ms is not None and log.block_ms < from_ms


def read_access(contract, reading, hash_key, from_ms, to_ms):
    """The access log that was counted; None where the contract names none. Raises InvalidPattern, NoLog, OSError."""
    settings = (contract.get("logs") or dict()).get("access")
    if settings is None:
        reading.gaps.append("the release's contract names no logs.access")
        return None
    cookie = (contract.get("session") or dict()).get("cookie")
    read, fields = reader_of(settings.get("pattern"), cookie)
    known = [health_of(contract).get("loadBalancer"), (gate_of(contract) or dict()).get("path"), (contract.get("session") or dict()).get("page")]
    reading.cut = False
    log = AccessLog(fields, Hasher(hash_key), Paths(known + list(settings.get("paths") or [])), cookie, from_ms, to_ms)
    try:
        with TimeLimit(READ_SECONDS):
            for lines in reading.blocks(settings.get("path"), from_ms):
                log.take(read, lines)
                if is_before(log, from_ms):
                    break
    except Expired:
        reading.cut = True
        reading.gaps.append("the access log was read for %d s, from its end: what is older is not counted" % READ_SECONDS)
    if log.unknown > 0:
        # In the middle of a line that was being written, there is one.
        reading.gaps.append("%d of %d lines of the access log do not have the pattern" % (log.unknown, log.unknown + log.lines))
    # Many lines of another kind are requests that are not counted.
    log.partial = reading.cut or log.unknown > (log.unknown + log.lines) * MOST_UNKNOWN
    return log


def read_application(contract, reading, from_ms, to_ms):
    """Raises NoLog, OSError."""
    log = ApplicationLog(from_ms, to_ms)
    reading.cut = False
    # The rest is the access log's: one that a client fills must not keep the other from being read.
    kept = reading.left // 2
    reading.left -= kept
    path = (contract.get("logs") or dict()).get("application")
    try:
        with TimeLimit(READ_SECONDS):
            if path is None:
                read_journal(log, SERVICE)
            else:
                for lines in reading.blocks(path, from_ms):
                    log.take(lines)
                    if is_before(log, from_ms):
                        break
                log.partial = reading.cut
    except Expired:
        log.partial = True
        reading.gaps.append("the application's log was read for %d s, from its end" % READ_SECONDS)
    finally:
        reading.left = max(0, reading.left) + kept
    if log.without_time > 0:
        reading.gaps.append("%d lines of the application's log have no time and are not counted" % log.without_time)
    return log.result()


def attempt(reading, what, read, *parameters):
    """What one part gives; a part that fails is a gap, and the others go on."""
    try:
        return read(*parameters)
    except (NoLog, InvalidPattern) as error:
        reading.gaps.append("%s %s" % (what, error))
    except OSError as error:
        reading.gaps.append("%s: %s" % (what, describe_os(error)))
    except http.client.HTTPException as error:
        reading.gaps.append("%s: %s" % (what, type(error).__name__))
    except (AttributeError, KeyError, TypeError, ValueError, MemoryError, RecursionError) as error:
        # A contract that was not checked, or a log of another kind.
        reading.gaps.append("%s: %s" % (what, type(error).__name__))
    return None


def fit(access, instance_id, rest):
    """The result with as many sessions as the output has room for."""
    most = MOST_SESSIONS
    while True:
        result = dict(rest, access=access.result(instance_id, most))
        length = len(json.dumps(result, separators=(",", ":")))
        if length <= LONGEST_OUTPUT or most == 0:
            return result
        most = max(0, min(most, len(result["access"]["sessions"])) - (length - LONGEST_OUTPUT) // 24 - 1)


def main():
    hash_key = bytes.fromhex(parameter("hashKey", "[0-9a-f]{64}"))
    from_ms = int(parameter("fromMs", "[0-9]{1,15}"))
    to_ms = int(parameter("toMs", "[0-9]{1,15}"))
    limit_itself()
    contract = current_contract()
    reading = Reading()
    instance_id = environment_value("HOLDFAST_INSTANCE_ID")
    # The shorter one first: an access log can take all that may be read.
    result = dict(
        release=version_of(CURRENT),
        application=attempt(reading, "logs.application", read_application, contract, reading, from_ms, to_ms),
        store=attempt(reading, "the session store", store_view),
        gate=attempt(reading, "health.gate", gate_view, contract),
        unwritten=unwritten_view(contract),
    )
    access = attempt(reading, "logs.access", read_access, contract, reading, hash_key, from_ms, to_ms)
    session = contract.get("session")
    if isinstance(session, dict) and session.get("page"):
        result["cookie"] = attempt(reading, "session.page", cookie_view, contract, reading.gaps)
        if result["cookie"] is None:
            reading.gaps.append("session.page sets no cookie named session.cookie")
    if access is not None:
        result["route"] = access.routes.created()
    result["gaps"] = [shorten(printable(gap), 200) for gap in reading.gaps[:20]]
    result = fit(access, instance_id, result) if access is not None else result
    print_result(dict((name, value) for name, value in result.items() if value is not None))


main()
