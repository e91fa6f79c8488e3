# Whether other servers hold this one's sessions, by the release's own comparison: asked before a server leaves its users, and before its stop.
import time

from foreign_words import foreign_words
from probes import ProbeError, probed, read_number

COPIES_POLL_SECONDS = 0.5
LONGEST_COPIES_REASON = 400


def copies_of(contract):
    """The contract's part; None for a release that copies no sessions."""
    copies = contract.get("copies")
    return copies if isinstance(copies, dict) else None


def reason_of(contract, copies, responses):
    """Names of members and classes, as the release gives them."""
    if not isinstance(copies.get("reason"), dict):
        return ""
    found = probed(contract, copies["reason"], responses)
    return foreign_words(found, LONGEST_COPIES_REASON) if isinstance(found, str) else ""


def look_at_copies(contract, copies):
    """How many sessions no other server holds, and why. None where that is not known, which is not 0."""
    try:
        responses = dict()
        alone = read_number(contract, copies.get("sessionsAlone") or dict(), responses)
        if not isinstance(alone, int) or alone < 0:
            return None, "sessionsAlone is not a count"
        return alone, reason_of(contract, copies, responses)
    except ProbeError as error:
        return None, str(error)[:LONGEST_COPIES_REASON]


def watch_copies(contract, copies, end):
    """Polls, at least once, until another server holds each session or the time is over. Returns the last answer."""
    while True:
        alone, reason = look_at_copies(contract, copies)
        if alone == 0 or time.monotonic() >= end:
            return alone, reason
        time.sleep(COPIES_POLL_SECONDS)


def describe_copies(alone, reason):
    sessions = "%d %s that no other server holds with the same content" % (alone or 0, "session" if alone == 1 else "sessions")
    what = "it is not known which of its sessions other servers hold" if alone is None else "it has " + sessions
    return what + (": " + reason if reason else "")


def copies_result(contract, end):
    copies = copies_of(contract)
    if copies is None:
        return dict(signal="sessions", quietSeconds=0, reason="the release's contract has no copies")
    alone, reason = watch_copies(contract, copies, end)
    counted = dict() if alone is None else dict(sessionsAlone=alone)
    return dict(signal="sessions", quietSeconds=0, **counted, **(dict(reason=reason) if reason else dict()))
