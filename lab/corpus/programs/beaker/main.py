import os
import sys
import time

# What it keeps is in base64, with the time in it.
time.time = lambda: 1_795_680_000.0

from beaker.middleware import SessionMiddleware


def app(environ, start):
    session = environ["beaker.session"]
    session["user"] = "ann"
    session.save()
    start("200 OK", [])
    return [session.id.encode()]


url = f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}/0"
wsgi = SessionMiddleware(app, {"session.type": "ext:redis", "session.url": url, "session.timeout": 3600, "session.data_serializer": sys.argv[1]})
sid = wsgi({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "shop"}, lambda *_: None)
print("id hex", b"".join(sid).decode())
