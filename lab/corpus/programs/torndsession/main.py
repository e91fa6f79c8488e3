import asyncio
import os
import time
import types

# Its memcached driver is imported with it.
import sys

sys.modules.setdefault("pylibmc", types.ModuleType("pylibmc"))

import tornado.httpclient
import tornado.httpserver
import tornado.testing
import tornado.web
from torndsession.sessionhandler import SessionBaseHandler


class Shop(SessionBaseHandler):
    def get(self, what):
        if what == "login":
            self.session["user"] = self.get_argument("user")
        elif what == "use":
            self.session["visits"] = 1
        else:
            self.session.flush()
        self.write(self.session.id)


def app(lifetime):
    driver = {"host": "127.0.0.1", "port": int(os.environ["CORPUS_PORT"]), "db": 0}
    session = {"driver": "redis", "driver_settings": driver, "session_lifetime": lifetime}
    return tornado.web.Application([(r"/(\w+)", Shop)], session=session)


async def main():
    async def serve(lifetime):
        socket, port = tornado.testing.bind_unused_port()
        server = tornado.httpserver.HTTPServer(app(lifetime))
        server.add_sockets([socket])
        client = tornado.httpclient.AsyncHTTPClient()

        async def get(path, cookie=""):
            answer = await client.fetch(f"http://127.0.0.1:{port}/{path}", headers={"Cookie": cookie})
            return answer.body.decode(), answer.headers.get("Set-Cookie", cookie).split(";")[0]

        return get

    get = await serve(3600)
    text, ann = await get("login?user=ann")
    print("id base64url", text)
    text, _ = await get("use", ann)
    print("id base64url", text)
    text, ben = await get("login?user=ben")
    print("id base64url", text)
    text, _ = await get("logout", ben)
    print("id base64url", text)
    brief = await serve(1)
    text, _ = await brief("login?user=eve")
    print("id base64url", text)
    await asyncio.sleep(1.5)


asyncio.run(main())
