# The same shop on Flask, whose sessions are in a signed cookie. `release.json` in the working folder says how a release differs.
import json
import os
import threading

from flask import Flask, jsonify, redirect, request, session

with open("release.json") as file:
    release = json.load(file)
app = Flask("shop")
app.secret_key = release["secret"]
app.config.update(SESSION_COOKIE_NAME=release["cookie"], SESSION_COOKIE_SECURE=True)
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
    session.clear()
    session["user"] = request.form["user"]
    return redirect("/account")


@app.get("/")
@app.get("/catalog")
def shop():
    return page("Shop")


@app.get("/account")
@app.get("/orders")
@app.get("/cart")
def for_users():
    return page("Account") if "user" in session else redirect("/login")


@app.post("/cart")
def change():
    return redirect("/cart" if "user" in session else "/login")


@app.get("/api/stock")
def stock():
    return jsonify(stock=3) if "user" in session else (jsonify(), 401)


@app.get("/assets/app-%s.js" % release["asset"])
def asset():
    return app.response_class("document.title", mimetype="text/javascript")
