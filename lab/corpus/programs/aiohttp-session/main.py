import asyncio
import os

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp_session import get_session, new_session, setup
from aiohttp_session.redis_storage import RedisStorage
from redis.asyncio import Redis


async def login(request):
    session = await new_session(request)
    session["user"] = request.query["user"]
    if "seconds" in request.query:
        session.max_age = int(request.query["seconds"])
    return web.Response()


async def use(request):
    session = await get_session(request)
    session["visits"] = session.get("visits", 0) + 1
    return web.Response()


async def logout(request):
    (await get_session(request)).invalidate()
    return web.Response()


async def main():
    redis = Redis(port=int(os.environ["CORPUS_PORT"]))
    app = web.Application()
    setup(app, RedisStorage(redis, max_age=3600))
    app.add_routes([web.get("/login", login), web.get("/use", use), web.get("/logout", logout)])
    server = TestServer(app)
    await server.start_server()
    ann, ben, eve = [TestClient(server, cookie_jar=CookieJar(unsafe=True)) for _ in range(3)]
    cookie = (await ann.get("/login?user=ann")).cookies["AIOHTTP_SESSION"].value
    print("id hex", cookie)
    await ann.get("/use")
    ben_cookie = (await ben.get("/login?user=ben")).cookies["AIOHTTP_SESSION"].value
    print("id hex", ben_cookie)
    await ben.get("/logout")
    await eve.get("/login?user=eve&seconds=1")
    await asyncio.sleep(1.5)


asyncio.run(main())
