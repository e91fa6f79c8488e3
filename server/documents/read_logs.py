# Reads the log of the server's application as the release's contract describes it, and what the server sees for itself; prints counts and
# attributes as one line.
import os

from instance import CURRENT, current_contract, environment_value, parameter, version_of
from words import print_result
from log_files import Reading
from log_part import attempt, limit_itself, shown_gaps, window
from log_categories import trouble_of
from application_log import ApplicationLog, read_application
from foreign_words import service_redactor
from own_view import cookie_view, readiness_view, store_view


def count_application(contract, reading, from_ms, to_ms):
    """Raises NoLog, OSError."""
    log = ApplicationLog(from_ms, to_ms, trouble_of(environment_value("SESSION_STORE_HOST"), environment_value("SESSION_STORE_PORT") or "6379"))
    read_application(log, contract, reading)
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
        application=attempt(gaps, "logs.application", count_application, contract, reading, from_ms, to_ms),
        store=attempt(gaps, "the session store", store_view),
        ready=attempt(gaps, "health.ready", readiness_view, contract),
    )
    session = contract.get("session")
    if isinstance(session, dict) and session.get("page"):
        result["cookie"] = attempt(gaps, "session.page", cookie_view, contract, gaps)
        if result["cookie"] is None:
            gaps.append("session.page sets no cookie named session.cookie")
    result["gaps"] = shown_gaps(gaps)
    print_result(dict((name, value) for name, value in result.items() if value is not None))


main()
