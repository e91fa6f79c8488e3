# What this server sees for itself: whether its session store answers, and the attributes of the cookie that its application sets.
import errno
import http.client
import os
import re
import socket
import ssl
import time

from readiness_page import readiness_of, judge_page
from instance import ROOT, environment_value, probe_port, server_port
from log_files import describe_os
from session_cookie import answered_at, ask_page, cookie_attributes
from set_cookie import ends_at
from time_limit import Expired, TimeLimit


# The second is Redis 5's.
LOGIN_REFUSED = re.compile("-WRONGPASS|-ERR invalid password")


def own_password():
    """The password that the application had at its last start; empty where this server knows none."""
    try:
        with open(os.path.join(ROOT, "run", "store.env"), encoding="utf-8") as file:
            found = re.findall(r'^SESSION_STORE_PASSWORD="((?:[^"\\\n]|\\.)*)"$', file.read(65536), re.MULTILINE)
    except (OSError, ValueError):
        return ""
    return re.sub(r"\\(.)", r"\1", found[-1]) if found else ""


def is_refused(connection, password):
    words = [word.encode() for word in ("AUTH", environment_value("SESSION_STORE_USER"), password) if word]
    connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    return LOGIN_REFUSED.match(read_answer(connection)) is not None


def read_answer(connection):
    answer = b""
    while not answer.endswith(b"\r\n") and len(answer) < 512:
        part = connection.recv(256)
        if not part:
            break
        answer += part
    return answer.decode("ascii", "replace")


STORE_SECONDS = 3.0
PAGE_BYTES = 64 * 1024
AGE_SECONDS = 2.1
LONGEST_AGE = 9_999_999_999
SEALED_VALUE = 100


def store_view():
    """Whether the store that the environment names accepts the application's login, and answers a PING; None where it names none."""
    host, port = environment_value("SESSION_STORE_HOST"), environment_value("SESSION_STORE_PORT") or "6379"
    if not host or not port.isdigit():
        return None
    tls = environment_value("SESSION_STORE_TLS") == "true"
    try:
        with TimeLimit(STORE_SECONDS), socket.create_connection((host, int(port)), timeout=STORE_SECONDS) as plain:
            view = ping(over_tls(plain, host) if tls else plain)
    except Expired:
        return dict(reachable=False, error="ETIMEDOUT: no answer within %d s" % STORE_SECONDS)
    except (OSError, ValueError) as error:
        return dict(reachable=False, error=name_of(error))
    password = own_password()
    return try_login(view, host, int(port), tls, password) if password and "error" not in view else view


def try_login(view, host, port, tls, password):
    """The password goes over TLS to nobody who does not prove to be the store. What fails for another reason than a refusal shows nothing."""
    try:
        # Reading all trusted authorities can take a busy server seconds.
        context = ssl.create_default_context() if tls else None
        with TimeLimit(STORE_SECONDS), socket.create_connection((host, port), timeout=STORE_SECONDS) as plain:
            refused = is_refused(context.wrap_socket(plain, server_hostname=host) if tls else plain, password)
    except (Expired, OSError, ValueError):
        return dict(reachable=True, loginUntried=True)
    return dict(reachable=False, error="WRONGPASS") if refused else dict(reachable=True)


def name_of(error):
    """Names an error, as in `ECONNREFUSED: Connection refused`. A time-out, which has no error number, becomes ETIMEDOUT."""
    if isinstance(error, socket.timeout):
        return "ETIMEDOUT: no answer within %d s" % STORE_SECONDS
    if not isinstance(error, OSError):
        return type(error).__name__
    # The number of a failed name lookup is not an errno, so it has no entry in errorcode.
    word = "ENOTFOUND" if isinstance(error, socket.gaierror) else errno.errorcode.get(error.errno, type(error).__name__)
    return "%s: %s" % (word, describe_os(error))


def over_tls(plain, host):
    """
    The certificate is not verified: this only checks whether the store answers, and sends nothing secret. Whether the certificate is
    trusted is for the application to decide.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)


def ping(connection):
    connection.sendall(b"PING\r\n")
    answer = read_answer(connection)
    if answer.startswith("+PONG"):
        return dict(reachable=True)
    if answer.startswith("-NOAUTH") or answer.startswith("-NOPERM"):
        return dict(reachable=True, loginUntried=True)
    word = re.match(r"-([A-Z]{2,20})\b", answer)
    return dict(reachable=bool(answer), error=word.group(1) if word else "an answer that is not a store's" if answer else "it closed the connection")


def readiness_view(contract):
    """Whether the release is ready, store included; None where its contract names no path for that."""
    page = readiness_of(contract)
    if page is None:
        return None
    try:
        response, text = ask_page(probe_port(contract, page), page["path"], "http", None, PAGE_BYTES)
    except (OSError, http.client.HTTPException):
        return False
    return judge_page(page, response.status, text)[0]


def max_age(attributes, headers):
    """The cookie's lifetime in seconds; None for one that ends with the browser."""
    now = answered_at(headers)
    ends = ends_at(attributes, now)
    return None if ends is None else int(max(-LONGEST_AGE, min(LONGEST_AGE, round(ends - now))))


def has_ended(port, path, protocol, cookie):
    """Whether `session.end` has ended the cookie's session. The next deploy would wait for one that stays in the server's memory."""
    try:
        return 200 <= ask_page(port, path, protocol, cookie)[0].status < 400
    except (OSError, http.client.HTTPException):
        return False


def cookie_view(contract, gaps):
    """Attributes of the session cookie that `session.page` sets. Its value goes back to the application, and nowhere else."""
    settings = contract["session"]
    name, page, port = settings.get("cookie"), settings.get("page"), server_port(contract)
    headers = ask_page(port, page, "http", None)[0].headers
    first = cookie_attributes(headers, name, page)
    protocol = "http"
    if first is None:
        # A cookie that is only for HTTPS may not be set at all otherwise.
        protocol = "https"
        headers = ask_page(port, page, protocol, None)[0].headers
        first = cookie_attributes(headers, name, page)
    if first is None:
        return None
    value, attributes, own = first
    if max_age(attributes, headers) is not None:
        # Two answers of one second would not show whether the second one moves the end.
        time.sleep(AGE_SECONDS)
    headers_again = ask_page(port, page, protocol, "%s=%s" % (own, value))[0].headers
    again = cookie_attributes(headers_again, name, page)
    begun = ["%s=%s" % (own, each) for each in sorted({value, again[0] if again else value})] if settings.get("end") else []
    if not all([has_ended(port, settings["end"], protocol, cookie) for cookie in begun]):
        gaps.append("session.end has left a session behind")
    same_site = attributes.get("samesite", "").capitalize()
    return dict(
        name=name,
        maxAgeSeconds=max_age(attributes, headers),
        sameSite=same_site if same_site in ("Strict", "Lax", "None") else None,
        # Also when the request came over plain HTTP, as the load balancer's header says.
        secure="secure" in attributes or protocol == "https",
        httpOnly="httponly" in attributes,
        slides=slides(first, headers, again, headers_again),
    )


def slides(first, headers, again, headers_again):
    """
    Whether the second answer has moved the end of the same session's cookie. None where it set another session: the first one was not kept.
    A value that is longer than an id is the session itself, in another encryption each time.
    """
    if again is None:
        return False
    if again[0] != first[0] and len(first[0]) < SEALED_VALUE:
        return None
    ends, ends_again = ends_at(first[1], answered_at(headers)), ends_at(again[1], answered_at(headers_again))
    # Without an age there is nothing to move. A rounded age of one end differs by a second.
    return ends is None or ends_again is None or ends_again - ends >= int(AGE_SECONDS)
