# The same shop on Flask, whose sessions are in a signed cookie, or Flask-Session's. `release.json` in the working folder says how a release differs.
import json
import os
import threading

from flask import Flask, jsonify, redirect, request, session
from flask_session import Session
from redis import Redis

with open("release.json") as file:
    release = json.load(file)
app = Flask("shop")
app.secret_key = release["secret"]
if "alsoAccepts" in release:
    app.config["SECRET_KEY_FALLBACKS"] = [release["alsoAccepts"]]
app.config.update(SESSION_COOKIE_NAME=release["cookie"], SESSION_COOKIE_SECURE=True)
if release["sessions"] == "redis":
    env = os.environ
    app.config.update(
        SESSION_TYPE="redis",
        SESSION_REDIS=Redis(
            host=env["SESSION_STORE_HOST"],
            port=int(env["SESSION_STORE_PORT"]),
            username=env["SESSION_STORE_USER"],
            password=env["SESSION_STORE_PASSWORD"],
            ssl=env["SESSION_STORE_TLS"] == "true",
        ),
        SESSION_KEY_PREFIX=env["SESSION_STORE_KEY_PREFIX"],
        SESSION_SERIALIZATION_FORMAT=release.get("format", "msgpack"),
    )
    Session(app)
counts = dict(inFlight=0, requests=0, errors=0)
lock = threading.Lock()


def is_counted():
    return "X-Forwarded-For" in request.headers and request.path != "/live"


@app.before_request
def begin():
    if is_counted():
        with lock:
            counts["inFlight"] += 1
            counts["requests"] += 1


@app.after_request
def end(response):
    if is_counted():
        with lock:
            counts["inFlight"] -= 1
            counts["errors"] += response.status_code >= 500
        response.headers["x-release"] = os.environ["HOLDFAST_VERSION"]
    return response


@app.get("/live")
@app.get("/health")
def health():
    return jsonify(status="UP")


@app.get("/internal/status")
def status():
    return jsonify(counts)


def page(title):
    return '<!doctype html><title>%s</title><script src="/assets/app-%s.js"></script><p>%s' % (title, release["asset"], title)


@app.get("/login")
def login():
    return page("Log in")


@app.post("/login")
def enter():
    user = request.form["user"]
    # The crowd has none.
    if request.form.get("password", "secret of " + user) != "secret of " + user:
        return page("Log in"), 401
    session.clear()
    session["user"] = user
    return redirect("/account")


@app.get("/")
@app.get("/catalog")
def shop():
    return page("Shop")


@app.get("/account")
@app.get("/orders")
def for_users():
    return page("Account of " + session["user"]) if "user" in session else redirect("/login")


@app.get("/cart")
def cart():
    return page("Cart: %d items" % session.get("items", 0)) if "user" in session else redirect("/login")


@app.post("/cart")
def change():
    if "user" not in session:
        return redirect("/login")
    session["items"] = session.get("items", 0) + 1
    return redirect("/cart")


@app.post("/logout")
def leave():
    session.clear()
    return redirect("/")


@app.get("/api/stock")
def stock():
    return jsonify(stock=3) if "user" in session else (jsonify(), 401)


@app.get("/assets/app-%s.js" % release["asset"])
def asset():
    return app.response_class("document.title", mimetype="text/javascript")
