# What has become of an install that failed, for a command that comes twice.
import json
import os

from instance import ETC, parse_json

# How the last install that failed ended, and what was ordered, with the deploy's fencing token.
FAILED_INSTALL = os.path.join(ETC, "failed-install.json")
# The first of two commands that order the same has ended by then, however long its release takes to start. It leaves the second one two
# minutes of its step's 660 s, whose first 60 s can have gone by until the server was prepared.
LOCK_SECONDS = 480
# After these the deploy orders the same once more: the archive did not arrive whole.
FETCHED_AGAIN = ("DownloadFailed", "ChecksumMismatch")


def order_of(token, version, sha256, mode):
    """What is ordered: two commands of one deploy that order the same are one that came twice."""
    return "%d %s %s %s" % (token, version, sha256, mode)


def failed_install(order):
    """What is on record of a failed install of this order; None without it, or without the result that it would repeat."""
    try:
        with open(FAILED_INSTALL, encoding="utf-8") as file:
            known = parse_json(file.read())
    except (OSError, ValueError):
        return None
    is_whole = isinstance(known, dict) and isinstance(known.get("result"), dict)
    return known if is_whole and known.get("order") == order else None


def remember_result(order, result):
    """On a full disk nothing is remembered, and a command that comes twice tries again."""
    final = result.get("error") not in FETCHED_AGAIN or failed_install(order) is not None
    temporary = FAILED_INSTALL + ".new"
    try:
        # The result has lines of the service's journal.
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(dict(order=order, final=final, result=result), file)
        os.replace(temporary, FAILED_INSTALL)
    except OSError:
        pass
