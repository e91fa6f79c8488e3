# The sessions in the server's memory: how many are left, and how a listener rule knows them in the cookie.
import hashlib
import re
import socket
import time

from instance import environment_value
from probes import ProbeError, probed, read_number

COUNT_SECONDS = 1.0
AGAIN_SECONDS = 0.2
# A busy server can lose one response and still have a count.
ATTEMPTS = 3
ROUTE = r"[A-Za-z0-9_-]{1,64}"
COOKIE = r"[A-Za-z0-9_.-]{1,64}"
LONGEST_ROUTE = 64
LONGEST_SESSIONS_REASON = 150


def own_route(contract, session):
    """Raises ProbeError when the contract's probe finds no route."""
    probe = session.get("route")
    if isinstance(probe, dict):
        route = probed(contract, probe, dict())
        if not isinstance(route, str) or not re.fullmatch(ROUTE, route):
            raise ProbeError("session.route is not 1 to 64 letters, digits, _ and -")
        return route
    return route_of(environment_value("HOLDFAST_INSTANCE_ID") or socket.gethostname())


def route_of(name):
    """
    The route of a server by its name, as the start script of a Tomcat release makes it. A long name is cut and gets a hash, since two names
    that are cut alike would be one route.
    """
    route = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    if len(route) <= LONGEST_ROUTE:
        return route
    return "%s-%s" % (route[:LONGEST_ROUTE - 17], hashlib.sha256(name.encode("utf-8")).hexdigest()[:16])


def own_cookie(contract, session):
    """Raises ProbeError for an answer that is not one name."""
    probe = session.get("answeredCookie")
    if not isinstance(probe, dict):
        return session.get("cookie")
    names = probed(contract, probe, dict())
    if isinstance(names, str) and re.fullmatch(COOKIE, names):
        return names
    if isinstance(names, str) and re.fullmatch(r"%s( %s){1,9}" % (COOKIE, COOKIE), names):
        raise ProbeError("the server has more than one session cookie (%s), and a rule knows sessions by one" % names.replace(" ", ", "))
    raise ProbeError("session.answeredCookie is not a cookie's name")


def idle_limit(contract, session):
    """Seconds, or -1 for sessions that never time out; None when the release states none. Raises ProbeError."""
    stated = session.get("timeoutSeconds")
    limit = read_number(contract, stated, dict()) if isinstance(stated, dict) else stated
    if not isinstance(limit, (int, float)) or limit == 0:
        return None
    return limit if limit > 0 else -1


def sessions_in_urls(contract, session):
    """None where the release does not count them, or none is. Raises ProbeError."""
    probe = session.get("inUrls")
    return (read_number(contract, probe, dict()) or None) if isinstance(probe, dict) else None


def attempt(reasons, read, *parameters):
    """None, and the reason, when a probe fails as often as it may."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return read(*parameters)
        except ProbeError as error:
            if left == 0:
                reasons.append(str(error)[:LONGEST_SESSIONS_REASON])
        time.sleep(AGAIN_SECONDS)
    return None


def count_sessions(contract, before_ms):
    probe = contract.get("sessions")
    if not isinstance(probe, dict):
        raise ProbeError("the release's contract has no sessions probe")
    parameter = probe.get("before")
    if isinstance(parameter, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,32}", parameter):
        path = str(probe.get("path"))
        probe = dict(probe, path="%s%s%s=%d" % (path, "&" if "?" in path else "?", parameter, before_ms))
    sessions = read_number(contract, probe, dict())
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
        sessionCookie=attempt(reasons, own_cookie, contract, session),
        sessionRoute=attempt(reasons, own_route, contract, session),
        sessionTimeoutSeconds=attempt(reasons, idle_limit, contract, session),
        sessionsInUrls=attempt(reasons, sessions_in_urls, contract, session),
    )
    return dict((name, value) for name, value in found.items() if value is not None)


def watch_sessions(contract, end, begun_seconds):
    """
    Counts until no session is left that began `begun_seconds` ago or earlier, or the time is over, at least once. By this server's clock,
    which need not be the deploy's. A count that cannot be read is left out.
    """
    reasons = []
    before_ms = int((time.time() - begun_seconds) * 1000)
    known = known_by(contract, reasons)
    while True:
        failed = []
        sessions = attempt(failed, count_sessions, contract, before_ms)
        now = time.monotonic()
        if sessions == 0 or now >= end:
            break
        time.sleep(min(COUNT_SECONDS, end - now))
    counted = dict() if sessions is None else dict(sessions=sessions)
    why = dict(reason="; ".join(failed + reasons)) if failed + reasons else dict()
    return dict(signal="sessions", quietSeconds=0, **counted, **known, **why)
