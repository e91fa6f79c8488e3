# The login of this server's own application at its session store.
import os
import re

from instance import ROOT, environment_value

# The second is Redis 5's.
LOGIN_REFUSED = re.compile("-WRONGPASS|-ERR invalid password")


def own_password():
    """The password that the application had at its last start; empty where this server knows none."""
    try:
        with open(os.path.join(ROOT, "run", "store.env"), encoding="utf-8") as file:
            found = re.findall(r'^SESSION_STORE_PASSWORD="((?:[^"\\\n]|\\.)*)"$', file.read(65536), re.MULTILINE)
    except (OSError, ValueError):
        return ""
    return re.sub(r"\\(.)", r"\1", found[-1]) if found else ""


def is_refused(connection, password):
    words = [word.encode() for word in ("AUTH", environment_value("SESSION_STORE_USER"), password) if word]
    connection.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    return LOGIN_REFUSED.match(read_answer(connection)) is not None


def read_answer(connection):
    answer = b""
    while not answer.endswith(b"\r\n") and len(answer) < 512:
        part = connection.recv(256)
        if not part:
            break
        answer += part
    return answer.decode("ascii", "replace")
