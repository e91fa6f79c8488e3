import os
import time

from litestar import Litestar, Request, get
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.stores.redis import RedisStore
from litestar.testing import TestClient


@get("/login", sync_to_thread=False)
def login(request: Request, user: str) -> str:
    request.set_session({"user": user})
    return "ok"


@get("/use", sync_to_thread=False)
def use(request: Request) -> str:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return "ok"


@get("/logout", sync_to_thread=False)
def logout(request: Request) -> str:
    request.clear_session()
    return "ok"


def client(seconds):
    store = RedisStore.with_client(f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}")
    config = ServerSideSessionConfig(max_age=seconds)
    return TestClient(Litestar([login, use, logout], middleware=[config.middleware], stores={"sessions": store}))


with client(3600) as ann:
    ann.get("/login?user=ann")
    print("id hex", ann.get("/use").cookies.get("session") or ann.cookies["session"])
    ann.cookies.clear()
    ann.get("/login?user=ben")
    ann.get("/logout")
with client(1) as eve:
    eve.get("/login?user=eve")
time.sleep(1.5)
