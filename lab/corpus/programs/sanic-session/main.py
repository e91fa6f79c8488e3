import asyncio
import os
from types import SimpleNamespace

import sanic_session.redis
from redis.asyncio import Redis
from sanic_session import RedisSessionInterface

# The interface looks for the client that it was written for, which no longer runs, and then only calls the pool.
sanic_session.redis.asyncio_redis = object()


class Pool:
    """What the interface asks of asyncio_redis: a connection with get, setex and delete."""

    def __init__(self):
        redis = Redis(port=int(os.environ["CORPUS_PORT"]), decode_responses=True)
        self.get, self.setex, self.delete = redis.get, redis.setex, lambda keys: redis.delete(*keys)


async def main():
    pool = Pool()

    async def get_pool():
        return pool

    interface = RedisSessionInterface(get_pool)

    async def request(cookies, change):
        request = SimpleNamespace(cookies=cookies, ctx=SimpleNamespace(), app=SimpleNamespace(config={}))
        session = await interface.open(request)
        change(session)
        response = SimpleNamespace(cookies=Cookies())
        await interface.save(request, response)
        return session.sid

    class Cookies(dict):
        def __setitem__(self, name, value):
            super().__setitem__(name, {"value": value})

    ann = await request({}, lambda session: session.update(user="ann"))
    print("id hex", ann)
    await request({"session": ann}, lambda session: session.update(visits=1))
    ben = await request({}, lambda session: session.update(user="ben"))
    await request({"session": ben}, lambda session: session.clear())


asyncio.run(main())
