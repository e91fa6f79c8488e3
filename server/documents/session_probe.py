# Whether one release reads the sessions that another one writes. The session holds nothing of a user. Its cookie crosses to the other
# server only sealed under the fleet's own secret, and is printed nowhere else.
import base64
import hashlib
import hmac
import http.client
import json
import os
import re

from environment_sources import Unreadable, read_source
from instance import describe, parse_json, server_port
from words import shown_path
from session_cookie import ask_page, cookie_attributes
from sessions_in_memory import attempt, own_cookie, own_route

VALUE_BYTES = 256
VALID_VALUE = r"[!-~]{8,256}"
VALID_DOMAIN = r"[A-Za-z0-9_.-]{1,253}"
NONCE_BYTES = 16
TAG_BYTES = 32
LONGEST_SEALED = 8192


class ProbeFailed(Exception):
    """The message has the reason, but no id, no value and no body. What failed lies outside the release: it shows nothing about it."""


class ReleaseFailed(ProbeFailed):
    """The release itself answered, and not as its contract promises."""


def fetch_key(secret_arn):
    """Raises ProbeFailed."""
    try:
        return read_source(dict(secret=secret_arn), "")[0].encode("utf-8")
    except Unreadable as error:
        raise ProbeFailed("the secret of the session probe cannot be read: %s; allow the servers secretsmanager:GetSecretValue on it" % error) from None


def keystream(key, nonce, length):
    blocks = (length + TAG_BYTES - 1) // TAG_BYTES
    stream = b"".join(hmac.new(key, nonce + bytes([0]) + number.to_bytes(8, "big"), hashlib.sha256).digest() for number in range(blocks))
    return stream[:length]


def seal(secret, text):
    """Encrypts, then authenticates: HMAC-SHA-256 in counter mode, for Python's library has no other cipher. A key for each."""
    encrypting, signing = (hmac.new(secret, label, hashlib.sha256).digest() for label in (b"holdfast probe encrypt", b"holdfast probe sign"))
    plain = text.encode("utf-8")
    nonce = os.urandom(NONCE_BYTES)
    hidden = bytes(one ^ other for one, other in zip(plain, keystream(encrypting, nonce, len(plain))))
    tag = hmac.new(signing, nonce + hidden, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(nonce + hidden + tag).decode("ascii").rstrip("=")


def unseal(secret, sealed):
    """Raises ProbeFailed for what was not sealed under this secret."""
    encrypting, signing = (hmac.new(secret, label, hashlib.sha256).digest() for label in (b"holdfast probe encrypt", b"holdfast probe sign"))
    try:
        whole = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except ValueError:
        raise ProbeFailed("the sealed session is damaged") from None
    nonce, hidden, tag = whole[:NONCE_BYTES], whole[NONCE_BYTES:-TAG_BYTES], whole[-TAG_BYTES:]
    if not hmac.compare_digest(tag, hmac.new(signing, nonce + hidden, hashlib.sha256).digest()):
        raise ProbeFailed("the sealed session is of another secret")
    return bytes(one ^ other for one, other in zip(hidden, keystream(encrypting, nonce, len(hidden)))).decode("utf-8")


def probe_settings(contract):
    """The contract's session with its probe; raises ProbeFailed without them."""
    session = contract.get("session") if isinstance(contract.get("session"), dict) else dict()
    probe = session.get("probe") if isinstance(session.get("probe"), dict) else dict()
    return session, probe


def write_session(contract, secret_arn):
    """Begins a session: its cookie's attributes, and, sealed, what the other release needs to read it."""
    session, probe = probe_settings(contract)
    name, route = session.get("cookie"), None
    path = probe.get("write") or session.get("page")
    if not path:
        raise ProbeFailed("the contract has no session.probe and no session.page")
    if isinstance(contract.get("sessions"), dict):
        name, route = how_known(contract, session)
    response, text = ask(contract, path, None)
    found = cookie_attributes(response.headers, name)
    if not 200 <= response.status < 300 or found is None:
        raise ReleaseFailed("%s answers with status %d and %s cookie %s" % (shown_path(path), response.status, "a" if found else "no", name))
    value, attributes, name = found
    cookie = dict(
        name=name,
        secure="secure" in attributes,
        httpOnly="httponly" in attributes,
        **(dict(domain=shown_domain(attributes["domain"])) if attributes.get("domain") else dict()),
    )
    if route is not None:
        end_session(contract, session["end"], "%s=%s" % (name, value))
        return dict(cookie=cookie, routed=has_route(value, route))
    if not secret_arn or not probe.get("write"):
        return dict(cookie=cookie)
    if not re.fullmatch(VALID_VALUE, text.strip()):
        raise ReleaseFailed("%s does not answer with a value of 8 to 256 printable characters" % shown_path(path))
    sealed = seal(fetch_key(secret_arn), json.dumps([name, value, text.strip()]))
    if len(sealed) > LONGEST_SEALED:
        raise ProbeFailed("the session's cookie is too long")
    return dict(cookie=cookie, sealed=sealed)


def shown_domain(domain):
    return domain if re.fullmatch(VALID_DOMAIN, domain) else "(no name of a host)"


def how_known(contract, session):
    """Name of the session cookie and the server's own route, where sessions are in its memory. Raises ProbeFailed."""
    if not session.get("end"):
        raise ProbeFailed("the contract has no session.end")
    reasons = []
    name, route = attempt(reasons, own_cookie, contract, session), attempt(reasons, own_route, contract, session)
    if name is None or route is None:
        raise ProbeFailed("; ".join(reasons) or "the contract has no session.cookie")
    return name, route


def end_session(contract, path, cookie):
    """Ends the probe's session: a deploy would wait for it as for a user's. Raises ReleaseFailed where the answer shows that it stays."""
    response, _ = ask(contract, path, cookie)
    if not 200 <= response.status < 400:
        raise ReleaseFailed("%s answers with status %d: the session that was begun is still there" % (shown_path(path), response.status))


def has_route(value, route):
    """Whether the drain rule would take this cookie to this server: the route is the value's end, or its signature follows."""
    return re.search(r'[.]%s("|[.].*)?$' % re.escape(route), value) is not None


def read_session(contract, secret_arn, sealed):
    """Whether this release finds in the other one's session what that one wrote."""
    _, probe = probe_settings(contract)
    path = probe.get("read")
    if not path:
        raise ProbeFailed("the contract has no session.probe")
    name, cookie, written = parse_json(unseal(fetch_key(secret_arn), sealed))
    alone, without = ask(contract, path, None)
    if alone.status == 200 and without.strip() == written:
        raise ReleaseFailed("%s answers the same without a session" % shown_path(path))
    response, text = ask(contract, path, "%s=%s" % (name, cookie))
    return dict(read="same" if response.status == 200 and text.strip() == written else "different", status=response.status)


def ask(contract, path, cookie):
    """As through the load balancer by HTTPS: a cookie that is only for HTTPS is set."""
    try:
        return ask_page(server_port(contract), path, "https", cookie, VALUE_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ProbeFailed("%s: %s" % (shown_path(path), describe(error))) from None


def probe_session(contract, mode, secret_arn, sealed):
    """What `mode` finds, as a part of the result; with a reason when it finds nothing."""
    try:
        found = write_session(contract, secret_arn) if mode == "write" else read_session(contract, secret_arn, sealed)
    except ProbeFailed as failure:
        found = dict(reason=str(failure)[:300], **(dict(fault="release") if isinstance(failure, ReleaseFailed) else dict()))
    return dict(probe=found)
