# A site on each framework of Python: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
import datetime
import os
import secrets
import sys

FRAMEWORK, VARIANT = sys.argv[1:3]
PORT = int(os.environ["PORT"])
SECRET = "a secret of the corpus, of thirty-two letters"
AGED = VARIANT in ("aged", "rolling")
HARDENED = VARIANT == "hardened"
MINUTES = 30


def serve(wsgi):
    from wsgiref.simple_server import make_server

    make_server("127.0.0.1", PORT, wsgi).serve_forever()


def serve_asgi(app):
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")


def django():
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse, HttpResponseRedirect
    from django.middleware.csrf import get_token
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    more = dict(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True) if HARDENED or AGED else dict()
    if HARDENED:
        more.update(SESSION_COOKIE_NAME="__Host-sessionid", SESSION_COOKIE_SAMESITE="Strict", SESSION_EXPIRE_AT_BROWSER_CLOSE=True)
    if AGED:
        more.update(SESSION_COOKIE_AGE=MINUTES * 60, SESSION_SAVE_EVERY_REQUEST=VARIANT == "rolling")
    settings.configure(
        SECRET_KEY=SECRET, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SESSION_ENGINE="django.contrib.sessions.backends.file",
        SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"), INSTALLED_APPS=["django.contrib.sessions"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware"], **more
    )
    django.setup()

    def front(request):
        get_token(request)
        return HttpResponse("shop")

    @csrf_exempt
    def login(request):
        request.session.cycle_key()
        request.session["user"] = "ann"
        return HttpResponseRedirect("/account")

    @csrf_exempt
    def logout(request):
        request.session.flush()
        return HttpResponseRedirect("/")

    global urlpatterns
    urlpatterns = [
        path("", front), path("login", login), path("logout", logout), path("account", lambda request: HttpResponse(request.session.get("user", "nobody"))),
    ]
    serve(get_wsgi_application())


def flask_app():
    from flask import Flask, redirect, session

    app = Flask("shop")
    app.secret_key = SECRET
    if HARDENED:
        app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Strict", SESSION_COOKIE_NAME="__Host-session")
    if VARIANT == "embedded":
        app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_PARTITIONED=True)
    if AGED:
        app.config.update(
            PERMANENT_SESSION_LIFETIME=datetime.timedelta(minutes=MINUTES), SESSION_REFRESH_EACH_REQUEST=VARIANT == "rolling", SESSION_COOKIE_SAMESITE="Lax"
        )

    @app.get("/")
    def front():
        session["visits"] = 1
        return "shop"

    @app.post("/login")
    def login():
        session.clear()
        session.permanent = AGED
        session["user"] = "ann"
        return redirect("/account")

    @app.get("/account")
    def account():
        return session.get("user", "nobody")

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect("/")

    return app


def flask():
    serve(flask_app())


def flask_session():
    from cachelib.file import FileSystemCache
    from flask_session import Session

    app = flask_app()
    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(os.path.join("sessions", VARIANT)), SESSION_PERMANENT=VARIANT != "hardened")
    Session(app)
    serve(app)


def starlette():
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.sessions import SessionMiddleware
    from starlette.responses import PlainTextResponse, RedirectResponse
    from starlette.routing import Route

    async def front(request):
        request.session["visits"] = 1
        return PlainTextResponse("shop")

    async def login(request):
        request.session.clear()
        request.session["user"] = "ann"
        return RedirectResponse("/account", 303)

    async def account(request):
        return PlainTextResponse(request.session.get("user", "nobody"))

    async def logout(request):
        request.session.clear()
        return RedirectResponse("/", 303)

    options = dict(
        default=dict(), aged=dict(max_age=MINUTES * 60, https_only=True), hardened=dict(max_age=None, same_site="strict", https_only=True),
        embedded=dict(same_site="none", https_only=True),
    )[VARIANT]
    routes = [Route("/", front), Route("/login", login, methods=["POST"]), Route("/account", account), Route("/logout", logout, methods=["POST"])]
    serve_asgi(Starlette(routes=routes, middleware=[Middleware(SessionMiddleware, secret_key=SECRET, **options)]))


def fastapi():
    from fastapi import FastAPI, Request, Response

    app = FastAPI()
    options = dict(httponly=True, secure=HARDENED, samesite="strict" if HARDENED else "lax", path="/")
    if AGED:
        options.update(max_age=MINUTES * 60, expires=MINUTES * 60)
    if VARIANT == "default":
        options = dict()

    @app.get("/")
    def front():
        return "shop"

    @app.post("/login")
    def login(response: Response):
        response.set_cookie("sid", secrets.token_urlsafe(24), **options)
        return "ok"

    @app.get("/account")
    def account(request: Request, response: Response):
        if VARIANT == "rolling":
            response.set_cookie("sid", request.cookies.get("sid"), **options)
        return "yours"

    @app.post("/logout")
    def logout(response: Response):
        response.delete_cookie("sid")
        return "ok"

    serve_asgi(app)


def pyramid():
    from pyramid.config import Configurator
    from pyramid.httpexceptions import HTTPFound
    from pyramid.response import Response
    from pyramid.session import JSONSerializer, SignedCookieSessionFactory

    options = dict(
        default=dict(), aged=dict(timeout=MINUTES * 60, max_age=MINUTES * 60, reissue_time=86400), rolling=dict(timeout=MINUTES * 60, max_age=MINUTES * 60, reissue_time=0),
        hardened=dict(secure=True, httponly=True, samesite="Strict"),
    )[VARIANT]
    config = Configurator(session_factory=SignedCookieSessionFactory(SECRET, serializer=JSONSerializer(), **options))

    def front(request):
        request.session["visits"] = 1
        return Response("shop")

    def login(request):
        request.session.invalidate()
        request.session["user"] = "ann"
        return HTTPFound("/account")

    def account(request):
        return Response(request.session.get("user", "nobody"))

    def logout(request):
        request.session.invalidate()
        return HTTPFound("/")

    for name, view in (("", front), ("login", login), ("account", account), ("logout", logout)):
        config.add_route(view.__name__, "/" + name)
        config.add_view(view, route_name=view.__name__)
    serve(config.make_wsgi_app())


def pyramid_auth():
    """AuthTktAuthenticationPolicy's helper: one cookie for the host, one for its domain, and one for all below it."""
    from pyramid.authentication import AuthTktCookieHelper
    from pyramid.config import Configurator
    from pyramid.response import Response

    options = dict(default=dict(), aged=dict(timeout=MINUTES * 60, max_age=MINUTES * 60, reissue_time=1), hardened=dict(secure=True, http_only=True, samesite="Strict"))[VARIANT]
    helper = AuthTktCookieHelper(SECRET, wild_domain=True, hashalg="sha512", **options)

    def view(request):
        headers = []
        if request.path == "/login":
            headers = helper.remember(request, "ann")
        elif request.path == "/logout":
            headers = helper.forget(request)
        else:
            helper.identify(request)
        response = Response("shop")
        response.headerlist.extend(headers)
        return response

    config = Configurator()
    config.add_route("any", "/*path")
    config.add_view(view, route_name="any")
    serve(config.make_wsgi_app())


def tornado():
    import asyncio
    from tornado import web

    options = dict(default=dict(), aged=dict(expires_days=MINUTES / 1440), hardened=dict(expires_days=None, secure=True, httponly=True, samesite="Strict"))[VARIANT]

    class Any(web.RequestHandler):
        def get(self):
            if self.request.path == "/":
                self.xsrf_token
            self.write(self.get_signed_cookie("user") or b"nobody")

        def post(self):
            if self.request.path == "/login":
                self.set_signed_cookie("user", "ann", **options)
            else:
                self.clear_all_cookies()
            self.redirect("/account")

        def check_xsrf_cookie(self):
            pass

    async def main():
        web.Application([("/.*", Any)], cookie_secret=SECRET, xsrf_cookies=True).listen(PORT, "127.0.0.1")
        await asyncio.Event().wait()

    asyncio.run(main())


def aiohttp():
    from aiohttp import web
    from aiohttp_session import get_session, new_session, setup
    from aiohttp_session.cookie_storage import EncryptedCookieStorage

    options = dict(default=dict(), aged=dict(max_age=MINUTES * 60), hardened=dict(secure=True, samesite="Strict"))[VARIANT]

    async def front(request):
        (await get_session(request))["visits"] = 1
        return web.Response(text="shop")

    async def login(request):
        (await new_session(request))["user"] = "ann"
        return web.Response(text="ok")

    async def account(request):
        return web.Response(text=(await get_session(request)).get("user", "nobody"))

    async def logout(request):
        (await get_session(request)).invalidate()
        return web.Response(text="ok")

    app = web.Application()
    setup(app, EncryptedCookieStorage(b"7" * 32, **options))
    app.add_routes([web.get("/", front), web.post("/login", login), web.get("/account", account), web.post("/logout", logout)])
    web.run_app(app, host="127.0.0.1", port=PORT, print=None)


def bottle():
    import bottle as b

    app = b.Bottle()
    options = dict(default=dict(), aged=dict(max_age=MINUTES * 60, path="/"), hardened=dict(secure=True, httponly=True, samesite="strict", path="/"))[VARIANT]

    @app.get("/")
    def front():
        return "shop"

    @app.post("/login")
    def login():
        b.response.set_cookie("session", "ann", secret=SECRET, **options)
        return "ok"

    @app.get("/account")
    def account():
        return b.request.get_cookie("session", secret=SECRET) or "nobody"

    @app.post("/logout")
    def logout():
        b.response.delete_cookie("session", **dict(path=options.get("path")) if options else dict())
        return "ok"

    serve(app)


def beaker():
    from beaker.middleware import SessionMiddleware

    options = dict(
        default=dict(), aged={"session.cookie_expires": MINUTES * 60, "session.timeout": MINUTES * 60},
        hardened={"session.secure": True, "session.httponly": True, "session.samesite": "Strict", "session.cookie_expires": True},
    )[VARIANT]

    def app(environ, start_response):
        session, path = environ["beaker.session"], environ["PATH_INFO"]
        if path == "/login":
            session.regenerate_id()
            session["user"] = "ann"
        if path == "/logout":
            session.delete()
        elif path != "/account":
            session["visits"] = 1
            session.save()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"shop"]

    serve(SessionMiddleware(app, {"session.type": "memory", "session.auto": False, **options}))


def webpy_cherrypy():
    import cherrypy

    class Root:
        @cherrypy.expose
        def index(self):
            cherrypy.session["visits"] = 1
            return "shop"

        @cherrypy.expose
        def login(self, **_):
            cherrypy.session.regenerate()
            cherrypy.session["user"] = "ann"
            return "ok"

        @cherrypy.expose
        def account(self):
            return cherrypy.session.get("user", "nobody")

        @cherrypy.expose
        def logout(self, **_):
            import cherrypy.lib.sessions

            cherrypy.lib.sessions.expire()
            return "ok"

    options = dict(default={}, aged={"tools.sessions.timeout": MINUTES}, hardened={"tools.sessions.secure": True, "tools.sessions.httponly": True, "tools.sessions.persistent": False})[VARIANT]
    cherrypy.config.update({"server.socket_host": "127.0.0.1", "server.socket_port": PORT, "environment": "embedded", "log.screen": False})
    cherrypy.quickstart(Root(), "/", {"/": {"tools.sessions.on": True, **options}})


SITES = {
    "django": django, "flask": flask, "flask-session": flask_session, "starlette": starlette, "fastapi": fastapi, "pyramid": pyramid,
    "pyramid-auth-tkt": pyramid_auth, "tornado": tornado, "aiohttp-session": aiohttp, "bottle": bottle, "beaker": beaker, "cherrypy": webpy_cherrypy,
}
SITES[FRAMEWORK]()
