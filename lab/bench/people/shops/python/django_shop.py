# The same shop on Django, whose sessions are in a signed cookie or by another engine. `release.json` in the working folder says how a release differs.
import json
import os
import threading

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path

with open("release.json") as file:
    release = json.load(file)
counts = dict(inFlight=0, requests=0, errors=0)
lock = threading.Lock()


def count(answer):
    def counted(request):
        if "X-Forwarded-For" not in request.headers or request.path == "/live":
            return answer(request)
        with lock:
            counts["inFlight"] += 1
            counts["requests"] += 1
        response = answer(request)
        with lock:
            counts["inFlight"] -= 1
            counts["errors"] += response.status_code >= 500
        response["x-release"] = os.environ["HOLDFAST_VERSION"]
        return response

    return counted


env = os.environ
engine = release.get("engine", "signed_cookies")
caches = {}
if "cache" in engine:
    store = tuple(env["SESSION_STORE_" + name] for name in ("USER", "PASSWORD", "HOST", "PORT"))
    caches["CACHES"] = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis%s://%s:%s@%s:%s" % ("s" * (env["SESSION_STORE_TLS"] == "true"), *store),
            "KEY_PREFIX": env["SESSION_STORE_KEY_PREFIX"],
        }
    }
settings.configure(
    **caches,
    SECRET_KEY_FALLBACKS=[release["alsoAccepts"]] if "alsoAccepts" in release else [],
    INSTALLED_APPS=["django.contrib.sessions"],
    # Next to the folders of both releases, which share it.
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "../shop.sqlite3"}},
    SECRET_KEY=release["secret"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="django_shop",
    SESSION_ENGINE="django.contrib.sessions.backends." + engine,
    SESSION_COOKIE_NAME=release["cookie"],
    SESSION_COOKIE_SECURE=True,
    MIDDLEWARE=["django_shop.count", "django.contrib.sessions.middleware.SessionMiddleware"],
)
django.setup()
if engine.endswith("db"):
    call_command("migrate", verbosity=0)


def page(title):
    return HttpResponse('<!doctype html><title>%s</title><script src="/assets/app-%s.js"></script><p>%s' % (title, release["asset"], title))


def health(request):
    return JsonResponse(dict(status="UP"))


def status(request):
    return JsonResponse(counts)


def login(request):
    if request.method != "POST":
        return page("Log in")
    user = request.POST["user"]
    # The crowd has none.
    if request.POST.get("password", "secret of " + user) != "secret of " + user:
        response = page("Log in")
        response.status_code = 401
        return response
    request.session.flush()
    request.session["user"] = user
    return redirect("/account")


def shop(request):
    return page("Shop")


def for_users(request):
    if "user" not in request.session:
        return redirect("/login")
    return page("Account of " + request.session["user"])


def cart(request):
    if "user" not in request.session:
        return redirect("/login")
    items = request.session.get("items", 0)
    if request.method != "POST":
        return page("Cart: %d items" % items)
    request.session["items"] = items + 1
    return redirect("/cart")


def leave(request):
    request.session.flush()
    return redirect("/")


def stock(request):
    return JsonResponse(dict(stock=3)) if "user" in request.session else JsonResponse(dict(), status=401)


def asset(request):
    return HttpResponse("document.title", content_type="text/javascript")


urlpatterns = [
    path("live", health),
    path("health", health),
    path("internal/status", status),
    path("login", login),
    path("", shop),
    path("catalog", shop),
    path("account", for_users),
    path("orders", for_users),
    path("cart", cart),
    path("logout", leave),
    path("api/stock", stock),
    path("assets/app-%s.js" % release["asset"], asset),
]
application = get_wsgi_application()
