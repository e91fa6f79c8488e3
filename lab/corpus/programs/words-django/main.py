# Sessions that Django, Flask and aiohttp cannot read or decrypt. Each entry's first line names what was wrong.
import asyncio
import logging
import sys

import django
import flask
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from cryptography.fernet import Fernet
from django.conf import settings

settings.configure(SECRET_KEY="old", SECRET_KEY_FALLBACKS=[], USE_TZ=True, LOGGING_CONFIG=None)
django.setup()
logging.basicConfig(format="[%(asctime)s] %(levelname)s in %(module)s: %(message)s", stream=sys.stderr, level=logging.INFO)


def wrong(name):
    print("\x1e" + name, file=sys.stderr, flush=True)


from django.contrib.sessions.backends.base import SessionBase
from django.core import signing

log = logging.getLogger("django.request")
kept = SessionBase().encode(dict(user="ann"))
token = signing.dumps(dict(user="ann"))
settings.SECRET_KEY = "new"
wrong("another secret, Django's store")
SessionBase().decode(kept)
try:
    signing.loads(token)
except signing.BadSignature:
    wrong("another secret, Django's signing")
    log.exception("Internal Server Error: /account/")

import pickle

sys.modules["shop"] = shop = type(sys)("shop")
shop.Cart = type("Cart", (), dict(__module__="shop"))
pickled = pickle.dumps(shop.Cart())
del sys.modules["shop"]
try:
    pickle.loads(pickled[:-5])
except Exception:
    wrong("cut short, pickle")
    log.exception("Internal Server Error: /account/ (session)")

app = flask.Flask("app", root_path="/")
app.secret_key = "new"
from itsdangerous import URLSafeTimedSerializer

link = URLSafeTimedSerializer("old", salt="session").dumps(dict(user="ann"))


@app.get("/account")
def account():
    return URLSafeTimedSerializer("new", salt="session").loads(link)


wrong("another secret, itsdangerous")
app.test_client().get("/account")

storage = EncryptedCookieStorage(Fernet(Fernet.generate_key()))
other = Fernet(Fernet.generate_key()).encrypt(b'{"session": {"user": "ann"}}').decode()
wrong("a key per server, aiohttp-session")
asyncio.run(storage.load_session(make_mocked_request("GET", "/", headers={"Cookie": "AIOHTTP_SESSION=" + other})))
try:
    Fernet(Fernet.generate_key()).decrypt(other.encode())
except Exception:
    wrong("a key per server, Fernet")
    log.exception("Internal Server Error: /account/")

import flask_session
import redis


class Store(redis.Redis):
    """Has one session, as another release wrote it."""

    def __init__(self, kept):
        super().__init__()
        self.kept = kept

    def get(self, _):
        return self.kept


class Marked(logging.StreamHandler):
    """Names each entry of one request."""

    def emit(self, record):
        wrong(names.pop(0))
        super().emit(record)


[handler] = logging.root.handlers
marked = Marked()
marked.setFormatter(handler.formatter)
logging.root.handlers = [marked]
names = []


def visit(name, kept, *more):
    names[:] = [name, *more, name + ", at the answer"]
    shop = flask.Flask("shop", root_path="/")
    shop.config.update(SESSION_TYPE="redis", SESSION_REDIS=Store(kept))
    flask_session.Session(shop)
    shop.add_url_rule("/account", "account", lambda: flask.session["user"])
    client = shop.test_client()
    client.set_cookie("session", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    client.get("/account")


visit("another codec, Flask-Session", b"\x82\xa4user")
visit("cut short, Flask-Session", pickled[:-5], "cut short, Flask-Session, at the visit")
visit("class removed, Flask-Session", pickled)
