import logging
import os
import sys

import redis

logging.basicConfig(format="\x1e[%(asctime)s] %(levelname)s in %(module)s: %(message)s", stream=sys.stderr)
log = logging.getLogger("app")

environment = os.environ.get
options = dict(host=environment("STORE_HOST"), port=int(environment("STORE_PORT")), socket_timeout=1.5, socket_connect_timeout=2)
options.update((name, value) for name, value in (("username", environment("STORE_USER")), ("password", environment("STORE_PASSWORD"))) if value)
if environment("STORE_CA"):
    options.update(ssl=True, ssl_ca_certs=environment("STORE_CA"))
client = redis.Redis(**options)


def use():
    client.get("shop:1")
    client.set("shop:1", "ann")


if environment("STORE_WAITS"):
    use()
    print("\x1dready", flush=True)
    sys.stdin.readline()
try:
    use()
except Exception:
    # As Flask logs what a view raised.
    log.exception("Exception on /account [GET]")
