# The cookie of a session of nobody, which the release begins on request. Its value is compared with the server's route, and printed nowhere.
import http.client
import re

from instance import describe, server_port
from words import shown_path
from session_cookie import ask_page, cookie_attributes
from sessions_in_memory import attempt, own_cookie, own_route

VALID_DOMAIN = r"[A-Za-z0-9_.-]{1,253}"


class NotRead(Exception):
    """The message has the reason, but no id and no value."""


def begin_session(contract):
    """Begins a session: its cookie's attributes, and whether it names the server where sessions are in its memory. Raises NotRead."""
    session = contract.get("session") if isinstance(contract.get("session"), dict) else dict()
    path, name, route = session.get("page"), session.get("cookie"), None
    if not path:
        raise NotRead("the contract has no session.page")
    if isinstance(contract.get("sessions"), dict):
        name, route = how_known(contract, session)
    response = ask(contract, path, None)
    found = cookie_attributes(response.headers, name)
    if not 200 <= response.status < 300 or found is None:
        raise NotRead("%s answers with status %d and %s cookie %s" % (shown_path(path), response.status, "a" if found else "no", name))
    value, attributes, name = found
    cookie = dict(
        name=name,
        secure="secure" in attributes,
        httpOnly="httponly" in attributes,
        **(dict(domain=shown_domain(attributes["domain"])) if attributes.get("domain") else dict()),
    )
    if route is None:
        return dict(cookie=cookie)
    end_session(contract, session["end"], "%s=%s" % (name, value))
    return dict(cookie=cookie, routed=has_route(value, route))


def shown_domain(domain):
    return domain if re.fullmatch(VALID_DOMAIN, domain) else "(no name of a host)"


def how_known(contract, session):
    """Name of the session cookie and the server's own route, where sessions are in its memory. Raises NotRead."""
    if not session.get("end"):
        raise NotRead("the contract has no session.end")
    reasons = []
    name, route = attempt(reasons, own_cookie, contract, session), attempt(reasons, own_route, contract, session)
    if name is None or route is None:
        raise NotRead("; ".join(reasons) or "the contract has no session.cookie")
    return name, route


def end_session(contract, path, cookie):
    """Ends the session: a deploy would wait for it as for a user's. Raises NotRead where the answer shows that it stays."""
    response = ask(contract, path, cookie)
    if not 200 <= response.status < 400:
        raise NotRead("%s answers with status %d: the session that was begun is still there" % (shown_path(path), response.status))


def has_route(value, route):
    """Whether the drain rule would take this cookie to this server: the route is the value's end, or its signature follows."""
    return re.search(r'[.]%s("|[.].*)?$' % re.escape(route), value) is not None


def ask(contract, path, cookie):
    """As through the load balancer by HTTPS: a cookie that is only for HTTPS is set. Raises NotRead."""
    try:
        return ask_page(server_port(contract), path, "https", cookie)[0]
    except (OSError, http.client.HTTPException) as error:
        raise NotRead("%s: %s" % (shown_path(path), describe(error))) from None


def read_cookie(contract):
    """What the session's cookie is, as a part of the result; with a reason when it was not read."""
    try:
        return dict(cookieRead=begin_session(contract))
    except NotRead as failure:
        return dict(cookieRead=dict(reason=str(failure)[:300]))
