import importlib
import os
import sys
import time

import django
from django.conf import settings
from django.core.cache import cache

engine, backend, prefix = sys.argv[1:4]
settings.configure(
    SECRET_KEY="corpus",
    INSTALLED_APPS=["django.contrib.sessions"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CACHES={
        "default": {
            "BACKEND": backend,
            "LOCATION": f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}/0",
            "KEY_PREFIX": prefix.strip("-"),
        }
    },
    USE_TZ=True,
)
django.setup()
if engine == "cached_db":
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
SessionStore = importlib.import_module(f"django.contrib.sessions.backends.{engine}").SessionStore


def login(user, seconds=None):
    session = SessionStore()
    session["_auth_user_id"] = user
    if seconds:
        session.set_expiry(seconds)
    session.save()
    session.cycle_key()
    session.save()
    return session


ann = login("7")
ann["visits"] = 2
ann.save()
print("id lower-alnum", ann.session_key)
login("8").flush()
login("9", 1)
# What Django's own throttles and caches keep beside the sessions.
cache.set("front-page", {"html": "<p>Hello</p>"}, 300)
cache.set("visits", 12, None)
time.sleep(1.5)
