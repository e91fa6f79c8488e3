import os
from io import BytesIO

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid_session_redis import session_factory_from_settings
from redis import Redis

factory = session_factory_from_settings(
    {
        "redis.sessions.secret": "a secret of the corpus, of thirty-two letters",
        "redis.sessions.redis_host": "127.0.0.1",
        "redis.sessions.redis_port": os.environ["CORPUS_PORT"],
        "redis.sessions.timeout": "3600",
    }
)


def login(request):
    request.session["user"] = "ann"
    return Response("ok")


with Configurator() as config:
    config.set_session_factory(factory)
    config.add_route("login", "/login")
    config.add_view(login, route_name="login")
    app = config.make_wsgi_app()
environ = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/login",
    "SERVER_NAME": "shop",
    "SERVER_PORT": "80",
    "wsgi.url_scheme": "http",
    "wsgi.version": (1, 0),
    "HTTP_HOST": "shop",
    "wsgi.input": BytesIO(),
}
list(app(environ, lambda *_: None))
[key] = Redis(port=int(os.environ["CORPUS_PORT"])).keys()
print("id base64url", key.decode())
