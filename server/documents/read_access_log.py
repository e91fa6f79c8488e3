# Reads the server's access log as the release's contract describes it, and prints counts and keyed hashes as one line.
import json
import os

from instance import CURRENT, current_contract, environment_value, health_of, parameter, version_of
from time_limit import Expired, TimeLimit
from words import print_result
from log_pattern import reader_of
from log_values import Hasher, Paths
from log_files import Reading
from log_part import LONGEST_OUTPUT, READ_SECONDS, attempt, is_before, limit_itself, shown_gaps, window
from access_log import AccessLog, MOST_SESSIONS
from log_minutes import FEWEST_CELLS, MOST_CELLS
from readiness_page import readiness_of

# This part of an access log's lines can be unknown: a few are always cut, or another program's.
MOST_UNKNOWN = 0.1


def read_access(contract, reading, hash_key, from_ms, to_ms, follows=True):
    """The access log that was counted; None where the contract names none. Raises InvalidPattern, NoLog, OSError."""
    settings = (contract.get("logs") or dict()).get("access")
    if settings is None:
        reading.gaps.append("the release's contract names no logs.access")
        return None
    cookie = (contract.get("session") or dict()).get("cookie")
    read, fields = reader_of(settings.get("pattern"), cookie)
    known = [health_of(contract).get("loadBalancer"), (readiness_of(contract) or dict()).get("path"), (contract.get("session") or dict()).get("page")]
    reading.cut = False
    paths = Paths(known + list(settings.get("paths") or []))
    health = [path.partition("?")[0] for path in known[:2] if isinstance(path, str)]
    log = AccessLog(dict(cookie=cookie, logins=settings.get("logins"), health=health), fields, Hasher(hash_key), paths, (from_ms, to_ms))
    try:
        with TimeLimit(READ_SECONDS):
            for lines in reading.blocks(settings.get("path"), from_ms, with_unended=False):
                log.take(read, lines)
                if is_before(log, from_ms):
                    break
    except Expired:
        reading.cut = True
        reading.gaps.append("the access log was read for %d s, from its end: what is older is not counted" % READ_SECONDS)
    log.partial = reading.cut
    if not follows:
        return log
    try:
        # What is a second's work may take hours in an order that a client has chosen.
        with TimeLimit(READ_SECONDS):
            log.judge()
    except Expired:
        reading.cut = True
        log.give_up("after %d s the order of the access log's requests still showed no lost session: sessions are not counted" % READ_SECONDS)
    reading.gaps += log.gaps()
    if log.lines > 0 and not log.shows_sessions():
        reading.gaps.append("logs.access.pattern has no field for the session cookie: nobody who lost a session is seen in the access log")
    # Many lines of another kind are requests that are not counted.
    log.partial = reading.cut or log.unknown > (log.unknown + log.lines) * MOST_UNKNOWN
    return log


def fit(access, instance_id, rest):
    """The result as far as the output has room: errors of some minutes and paths are left out first, then sessions, which is said."""
    most, cells = MOST_SESSIONS, MOST_CELLS
    while True:
        result = dict(rest, access=access.result(instance_id, most, cells))
        sessions = len(result["access"]["sessions"])
        cut = ["the answer has room for %d of the %d sessions of its sample" % (sessions, MOST_SESSIONS)] if most < MOST_SESSIONS else []
        result["gaps"] = rest["gaps"] + cut
        length = len(json.dumps(result, separators=(",", ":")))
        if length <= LONGEST_OUTPUT or most == 1:
            return result
        if cells > FEWEST_CELLS:
            cells = FEWEST_CELLS
        else:
            most = max(1, min(most, sessions) - (length - LONGEST_OUTPUT) // 24 - 1)


def people_result(log, times):
    """What people met, in the place of the rest: of a deploy, which asks within seconds."""
    people = log.people(times)
    plain = log.counts.plain
    return dict(
        showsSessions=log.shows_sessions(),
        lastMs=log.last_ms or 0,
        partial=log.partial,
        named=[people.before.named, people.now.named],
        before=people.before.rows(),
        now=people.now.rows(),
        people=people.now.people(),
        paths=people.now.paths(plain),
    )


def main():
    hash_key = bytes.fromhex(parameter("hashKey", "[0-9a-f]{64}"))
    from_ms, to_ms = window()
    limit_itself()
    contract = current_contract()
    reading = Reading()
    result = dict(release=version_of(CURRENT))
    if os.environ.get("SSM_sinceMs"):
        since_ms, until_ms = int(parameter("sinceMs", "[0-9]{1,15}")), int(parameter("untilMs", "[0-9]{1,15}"))
        log = attempt(reading.gaps, "logs.access", read_access, contract, reading, hash_key, from_ms, to_ms, False)
        if log is not None:
            result["people"] = people_result(log, (from_ms, until_ms, since_ms, to_ms))
        return print_result(dict(result, gaps=shown_gaps(reading.gaps)))
    access = attempt(reading.gaps, "logs.access", read_access, contract, reading, hash_key, from_ms, to_ms)
    if access is not None:
        result["route"] = access.routes.created()
    result["gaps"] = shown_gaps(reading.gaps)
    result = fit(access, environment_value("HOLDFAST_INSTANCE_ID"), result) if access is not None else result
    print_result(dict((name, value) for name, value in result.items() if value is not None))


main()
