import os
import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starsessions import SessionAutoloadMiddleware, SessionMiddleware, get_session_id
from starsessions.stores.redis import RedisStore


async def login(request):
    request.session["user"] = request.query_params["user"]
    return PlainTextResponse("ok")


async def use(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return PlainTextResponse(get_session_id(request))


async def logout(request):
    request.session.clear()
    return PlainTextResponse("ok")


def app(lifetime):
    store = RedisStore(f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}", gc_ttl=2_592_000)
    options = {"store": store, "lifetime": lifetime, "rolling": True, "cookie_https_only": False}
    return Starlette(
        routes=[Route("/login", login), Route("/use", use), Route("/logout", logout)],
        middleware=[Middleware(SessionMiddleware, **options), Middleware(SessionAutoloadMiddleware)],
    )


# Each keeps the connections of its event loop for all its requests.
with TestClient(app(0)) as browser:
    browser.get("/login?user=tim")
    print("id hex", browser.get("/use").text)
with TestClient(app(3600)) as ann:
    ann.get("/login?user=ann")
    print("id hex", ann.get("/use").text)
    ann.cookies, kept = {}, ann.cookies
    ann.get("/login?user=ben")
    ann.get("/logout")
with TestClient(app(1)) as eve:
    eve.get("/login?user=eve")
time.sleep(1.5)
