# The sessions in the server's memory: how many are left, and how a listener rule knows them in the cookie.
import re
import socket
import time

from instance import environment_value
from probes import ProbeError, probed, read_number, read_probe

COUNT_SECONDS = 1.0
AGAIN_SECONDS = 0.2
# A busy server can lose one response and still have a count.
ATTEMPTS = 3
ROUTE = r"[A-Za-z0-9_-]{1,64}"
LONGEST_REASON = 150


def own_route(contract, session):
    """Raises ProbeError when the contract's probe finds no route."""
    probe = session.get("route")
    if isinstance(probe, dict):
        route = probed(contract, probe, dict())
        if not isinstance(route, str) or not re.fullmatch(ROUTE, route):
            raise ProbeError("session.route is not 1 to 64 letters, digits, _ and -")
        return route
    # As the start script of a Tomcat release has it.
    name = environment_value("HOLDFAST_INSTANCE_ID") or socket.gethostname().split(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)[:64]


def idle_limit(contract, session):
    """Seconds; None when the release states none. Raises ProbeError."""
    stated = session.get("timeoutSeconds")
    limit = read_number(contract, stated, dict()) if isinstance(stated, dict) else stated
    return limit if isinstance(limit, (int, float)) and limit > 0 else None


def attempt(reasons, read, *parameters):
    """None, and the reason, when a probe fails as often as it may."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return read(*parameters)
        except ProbeError as error:
            if left == 0:
                reasons.append(str(error)[:LONGEST_REASON])
        time.sleep(AGAIN_SECONDS)
    return None


def count_sessions(contract):
    if not isinstance(contract.get("sessions"), dict):
        raise ProbeError("the release's contract has no sessions probe")
    sessions = read_probe(contract, "sessions", dict())
    if sessions < 0:
        raise ProbeError("sessions is below 0")
    return sessions


def known_by(contract, reasons):
    """The cookie, the route and the idle limit, as far as the server shows them."""
    session = contract.get("session")
    if not isinstance(session, dict):
        reasons.append("the release's contract has no session.cookie")
        return dict()
    found = dict(
        sessionCookie=session.get("cookie"),
        sessionRoute=attempt(reasons, own_route, contract, session),
        sessionTimeoutSeconds=attempt(reasons, idle_limit, contract, session),
    )
    return dict((name, value) for name, value in found.items() if value is not None)


def watch_sessions(contract, end):
    """Counts until no session is left or the time is over, at least once. A count that cannot be read is left out."""
    reasons = []
    known = known_by(contract, reasons)
    while True:
        failed = []
        sessions = attempt(failed, count_sessions, contract)
        now = time.monotonic()
        if sessions == 0 or now >= end:
            break
        time.sleep(min(COUNT_SECONDS, end - now))
    counted = dict() if sessions is None else dict(sessions=sessions)
    why = dict(reason="; ".join(failed + reasons)) if failed + reasons else dict()
    return dict(signal="sessions", quietSeconds=0, **counted, **known, **why)
