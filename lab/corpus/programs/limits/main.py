import os

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = Flask("corpus")
url = f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}"
for prefix, strategy in (("", "fixed-window"), ("session:", "moving-window")):
    app = Flask("corpus")
    limiter = Limiter(get_remote_address, app=app, storage_uri=url, key_prefix=prefix, strategy=strategy)

    @app.get("/login")
    @limiter.limit("5 per hour")
    def login():
        return "ok"

    app.test_client().get("/login")
