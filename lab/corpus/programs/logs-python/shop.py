# A shop as a WSGI and an ASGI application, which users enter in several ways. Sessions are in memory, in each server's one process.
import os
import secrets

SESSIONS = {}
FLUSHED = {}
FORMS = ("/login", "/users/sign_in", "/anmelden")
OUT = ("/logout", "/users/sign_out", "/abmelden")


def named(header):
    cookies = dict(part.strip().partition("=")[::2] for part in header.split(";"))
    return cookies.get("sessionid")


def begin(user, old=None):
    SESSIONS.pop(old, None)
    name = secrets.token_urlsafe(24)
    SESSIONS[name] = user
    return name, ("set-cookie", "sessionid=%s; HttpOnly; Path=/; SameSite=Lax" % name)


def answer(method, path, header):
    """Status, headers."""
    session = named(header)
    if session not in SESSIONS:
        session = None
    user = SESSIONS.get(session)
    to = lambda way, *more: (302, [("location", way)] + list(more))
    removed = ("set-cookie", 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/')
    if path in FORMS and method == "GET":
        return (200, []) if session else (200, [begin(None)[1]])
    if path == "/session" and method == "POST":
        return 200, [begin("ann", session)[1]]
    if path == "/auth/cb" or path in FORMS:
        return to("/account", begin("ann", session)[1])
    if path == "/auth/start":
        return to("https://id.example/authorize")
    if path in OUT or path == "/session":
        SESSIONS.pop(session, None)
        return (204, [removed]) if path == "/session" else to("/", removed)
    if path in ("/account", "/cart", "/api/me") or path.startswith("/orders/"):
        if user:
            return to("/cart") if method == "POST" else (200, [])
        return (401, []) if path == "/api/me" else to("/login")
    return 200, []


def notice_flush():
    """The file stands for a store that was emptied."""
    if os.path.exists(os.environ["FLUSHED"]) and not FLUSHED:
        FLUSHED["once"] = True
        SESSIONS.clear()


def wsgi(environ, start):
    notice_flush()
    status, headers = answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_COOKIE", ""))
    start("%d OK" % status, [(name.title(), value) for name, value in headers])
    return [b"" if status == 204 else b"shop"]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    notice_flush()
    header = dict(scope["headers"]).get(b"cookie", b"").decode()
    status, headers = answer(scope["method"], scope["path"], header)
    await send(dict(type="http.response.start", status=status, headers=[(name.encode(), value.encode()) for name, value in headers]))
    await send(dict(type="http.response.body", body=b"" if status == 204 else b"shop"))
