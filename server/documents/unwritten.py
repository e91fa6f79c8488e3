# What a server's sample of requests shows of session attributes that were changed and are not in the store, and of ids in URLs.
import re

from foreign_words import foreign_words
from probes import ProbeError, probed

MOST_UNWRITTEN_NAMES = 10
# An attribute's name and a class, as the server writes them: nothing else of an answer is passed on.
UNWRITTEN_NAME = r"[A-Za-z0-9_.$\[;-]{1,100}( \([A-Za-z0-9_.$\[;]{1,100}\))?"


def names_in(found, key):
    names = found.get(key)
    listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    # One in which a secret is recognised is not shown at all.
    shown = [name for name in listed if re.fullmatch(UNWRITTEN_NAME, name) and foreign_words(name, len(name)) == name]
    return shown[:MOST_UNWRITTEN_NAMES]


def unwritten_counts(found):
    """None for anything else than an object with the counts."""
    requests, of = [found.get(key) if isinstance(found, dict) else None for key in ("requests", "of")]
    # In Python True is a number.
    if type(requests) is int and type(of) is int and 0 <= requests <= of < 10 ** 8:
        return dict(requests=requests, of=of)
    return None


def unwritten_of(contract, responses):
    """None for a server that compares no sessions. Raises ProbeError."""
    probe = contract.get("unwritten")
    if not isinstance(probe, dict):
        return None
    found = probed(contract, probe, responses)
    counts = unwritten_counts(found)
    if counts is None:
        raise ProbeError("unwritten has no counts requests and of")
    failed = found.get("failed")
    if type(failed) is int and 0 < failed < 10 ** 8:
        counts["failed"] = failed
    in_urls = found.get("inUrls")
    sessions, of = [in_urls.get(key) if isinstance(in_urls, dict) else None for key in ("sessions", "of")]
    if type(sessions) is int and type(of) is int and 0 <= sessions <= of < 10 ** 8 and of > 0:
        counts["inUrls"] = dict(sessions=sessions, of=of)
    return dict(counts, **dict((key, names_in(found, key)) for key in ("attributes", "unserializable")))
