# Reads the log of the server's application as the release's contract describes it, and what the server sees for itself; prints counts and
# attributes as one line.
import os

from instance import CURRENT, SERVICE, current_contract, environment_value, parameter, version_of
from time_limit import Expired, TimeLimit
from print_result import print_result
from log_files import Reading
from log_part import READ_SECONDS, attempt, is_before, limit_itself, shown_gaps, window
from log_categories import trouble_of
from application_log import ApplicationLog, read_journal
from foreign_words import service_redactor
from own_view import cookie_view, gate_view, store_view, unwritten_view


def read_application(contract, reading, from_ms, to_ms):
    """Raises NoLog, OSError."""
    log = ApplicationLog(from_ms, to_ms, trouble_of(environment_value("SESSION_STORE_HOST"), environment_value("SESSION_STORE_PORT") or "6379"))
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
    if log.without_time > 0:
        reading.gaps.append("%d lines of the application's log have no time and are not counted" % log.without_time)
    if not os.environ.get("SSM_newSinceMs"):
        return log.result()
    return log.result(int(parameter("newSinceMs", "[0-9]{1,15}")), service_redactor(dict()))


def main():
    from_ms, to_ms = window()
    limit_itself()
    contract = current_contract()
    reading = Reading()
    gaps = reading.gaps
    result = dict(
        release=version_of(CURRENT),
        application=attempt(gaps, "logs.application", read_application, contract, reading, from_ms, to_ms),
        store=attempt(gaps, "the session store", store_view),
        gate=attempt(gaps, "health.gate", gate_view, contract),
        unwritten=unwritten_view(contract),
    )
    session = contract.get("session")
    if isinstance(session, dict) and session.get("page"):
        result["cookie"] = attempt(gaps, "session.page", cookie_view, contract, gaps)
        if result["cookie"] is None:
            gaps.append("session.page sets no cookie named session.cookie")
    result["gaps"] = shown_gaps(gaps)
    print_result(dict((name, value) for name, value in result.items() if value is not None))


main()
