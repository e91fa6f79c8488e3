import os
import time
from datetime import timedelta

from flask import Flask, request, session
from flask_session import Session
from redis import Redis

app = Flask("corpus")
app.config.update(SESSION_TYPE="redis", SESSION_REDIS=Redis(port=int(os.environ["CORPUS_PORT"])))
Session(app)


@app.get("/login")
def login():
    session["user"] = request.args["user"]
    return session.sid


@app.get("/use")
def use():
    session["visits"] = session.get("visits", 0) + 1
    return "ok"


@app.get("/logout")
def logout():
    session.clear()
    return "ok"


ann = app.test_client()
print("id base64url", ann.get("/login?user=ann").text)
ann.get("/use")
ben = app.test_client()
ben.get("/login?user=ben")
ben.get("/logout")
app.permanent_session_lifetime = timedelta(seconds=1)
app.session_interface.permanent_session_lifetime = timedelta(seconds=1)
app.test_client().get("/login?user=eve")
time.sleep(1.5)
