import os
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="corpus",
    SESSION_ENGINE="redis_sessions.session",
    SESSION_REDIS={"host": "127.0.0.1", "port": int(os.environ["CORPUS_PORT"]), "prefix": sys.argv[1].strip("-"), "socket_timeout": 1},
    USE_TZ=True,
)
django.setup()
import django.utils.encoding

# The package is older than Django 4.
django.utils.encoding.force_unicode = django.utils.encoding.force_str
from redis_sessions.session import SessionStore


def login(user):
    session = SessionStore()
    session["_auth_user_id"] = user
    session.save()
    return session


ann = login("1")
value = ann.server.get(ann.get_real_stored_key(ann.session_key)).decode()
print("id lower-alnum", ann.session_key)
payload, time, signature = value.split(":")
print("id alnum", time)
print("id base64url", signature)
login("2").flush()
