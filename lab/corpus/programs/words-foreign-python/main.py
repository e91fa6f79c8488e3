# Databases and services that look like a store in trouble. Each entry's first line names what was wrong.
import logging
import socket
import sys

import pymysql
import requests
import sqlalchemy

logging.basicConfig(format="[%(asctime)s] %(levelname)s in %(module)s: %(message)s", stream=sys.stderr)
log = logging.getLogger("app")

silent = socket.create_server(("127.0.0.1", 0))
PORTS = {"refused": 1, "no answer": silent.getsockname()[1]}


def mysql(port):
    pymysql.connect(host="127.0.0.1", port=port, user="app", connect_timeout=1, read_timeout=1)


def alchemy(port):
    sqlalchemy.create_engine("mysql+pymysql://app@127.0.0.1:%d/shop?connect_timeout=1&read_timeout=1" % port).connect()


def http(port):
    requests.get("http://127.0.0.1:%d/api" % port, timeout=1)


for name, connect in (("PyMySQL", mysql), ("SQLAlchemy", alchemy), ("requests", http)):
    for what, port in PORTS.items():
        try:
            connect(port)
        except Exception:
            print("\x1e%s: %s" % (name, what), file=sys.stderr, flush=True)
            log.exception("Exception on /account [GET]")
