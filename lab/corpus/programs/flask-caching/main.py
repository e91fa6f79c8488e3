import os

from flask import Flask
from flask_caching import Cache

app = Flask("corpus")
cache = Cache(
    app,
    config={
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_HOST": "127.0.0.1",
        "CACHE_REDIS_PORT": int(os.environ["CORPUS_PORT"]),
        "CACHE_KEY_PREFIX": "session:",
    },
)




with app.app_context():
    cache.set("front-page", {"user": "ann"})
    cache.set("0123456789abcdef0123456789abcdef", {"user": "ann"})
