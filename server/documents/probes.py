# Requests to the server on its localhost, and the counts in its responses. A release decides what it answers, and how slowly.
import http.client
import re

from readiness_page import judge_page
from instance import describe, parse_json, probe_port
from words import shown_path
from time_limit import Expired, HTTP_SECONDS, TimeLimit, VALID_PATH
from limited_process import in_own_process

# The rest of a longer response is not read.
HTTP_BYTES = 64 * 1024
# CPU time, for a pattern's search in a response: with some texts, some patterns would take years.
PATTERN_SECONDS = 0.5
# On a busy server.
PATTERN_WALL_SECONDS = 1.0
LONGEST_PATTERN = 256
# More than a number or a route needs.
LONGEST_GROUP = 1024
# A count that JSON, JavaScript and the documents' parameters carry unchanged is lower.
COUNT_LIMIT = 10 ** 15

# Where this script's own connections came from, as the server sees them.
OWN_PEERS = []


def http_get(port, path):
    """Status and text of one GET on the server's localhost, at most HTTP_BYTES of it. Raises OSError or HTTPException."""
    if not isinstance(path, str) or not re.fullmatch(VALID_PATH, path):
        raise http.client.InvalidURL()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)
    try:
        with TimeLimit(HTTP_SECONDS):
            connection.connect()
            OWN_PEERS.append("127.0.0.1:%d" % connection.sock.getsockname()[1])
            connection.request("GET", path, headers=dict([("User-Agent", "holdfast-probe"), ("Connection", "close")]))
            response = connection.getresponse()
            body = b""
            while len(body) < HTTP_BYTES:
                part = response.read1(min(8192, HTTP_BYTES - len(body)))
                if not part:
                    break
                body += part
        return response.status, body.decode("utf-8", "replace")
    except Expired:
        raise TimeoutError("the response is not complete after %d s" % HTTP_SECONDS) from None
    finally:
        connection.close()


def check_readiness(port, page):
    """As judge_page, from one request."""
    try:
        status, text = http_get(port, page["path"])
    except (OSError, http.client.HTTPException) as error:
        return False, describe(error)[:200], ""
    return judge_page(page, status, text)


class ProbeError(Exception):
    """A probe that returned no number. The message has the reason, but never the body."""


def value_in(value, field):
    """The value at a dotted path, whose parts are keys or list positions."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", field):
        raise ProbeError("the field is not valid")
    for part in field.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            raise ProbeError("the response has no field %s" % field)
    return value


def group_matched(path, pattern, text):
    """The pattern's first group; None when it took no part in the match."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        raise ProbeError("%s: the pattern is not a text of at most %d characters" % (path, LONGEST_PATTERN))
    # Python 3.9 handles no signal during some searches: only the kernel can end them.
    results, _ = in_own_process(PATTERN_SECONDS, PATTERN_WALL_SECONDS, lambda: search_group(pattern, text))
    if not results:
        raise ProbeError("%s: the pattern's search did not end within %s s of CPU time and %s s in all" % (path, PATTERN_SECONDS, PATTERN_WALL_SECONDS))
    group, problem = results[0]
    if problem:
        raise ProbeError("%s: the %s" % (path, problem))
    return group


def search_group(pattern, text):
    """One pair: the first group, or what is wrong."""
    try:
        found = re.search(pattern, text, re.MULTILINE)
        if not found:
            problem = "pattern does not match the first %d bytes of the response" % HTTP_BYTES
        # What follows the end of what was read may belong to it.
        elif found.end(1) == len(text) and len(text.encode("utf-8", "replace")) >= HTTP_BYTES:
            problem = "pattern's first group is not in the first %d bytes of the response" % HTTP_BYTES
        elif found.end(1) - found.start(1) > LONGEST_GROUP:
            problem = "pattern's first group is longer than %d characters" % LONGEST_GROUP
        else:
            yield found.group(1), None
            return
    except IndexError:
        problem = "pattern has no group"
    except (re.error, OverflowError, RecursionError):
        problem = "pattern is not a regular expression"
    yield None, problem


def probed(contract, probe, responses):
    """
    What a probe finds, of any type. `responses` keeps the bodies of this round, so that probes with the same port and path make one
    request.
    """
    path = str(probe.get("path"))
    if not re.fullmatch(VALID_PATH, path):
        raise ProbeError("the path is not valid")
    asked = (probe_port(contract, probe), path)
    try:
        if asked not in responses:
            responses[asked] = http_get(*asked)
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError("%s: %s" % (shown_path(path), describe(error))) from error
    status, text = responses[asked]
    shown = shown_path(path)
    if status != 200:
        raise ProbeError("%s returns status %d" % (shown, status))
    if "pattern" in probe:
        return group_matched(shown, probe["pattern"], text)
    try:
        return value_in(parse_json(text), str(probe.get("field")))
    except ValueError as error:
        raise ProbeError("%s does not return JSON of at most %d bytes" % (shown, HTTP_BYTES)) from error


def read_number(contract, probe, responses):
    found = probed(contract, probe, responses)
    path = shown_path(probe["path"])
    if "pattern" in probe:
        try:
            number = float(found)
        except (ValueError, TypeError):
            raise ProbeError("%s: the pattern's first group is not a number" % path) from None
    elif isinstance(found, bool) or not isinstance(found, (int, float)):
        raise ProbeError("%s is not a number" % probe["field"])
    else:
        number = found
    # The comparison is false for a number that is none (NaN).
    if not -COUNT_LIMIT < number < COUNT_LIMIT:
        raise ProbeError("%s: the number is not between -10^15 and 10^15" % path)
    return int(number) if number == int(number) else number


def read_probe(contract, name, responses):
    """The number of one of the contract's probes."""
    return read_number(contract, contract[name], responses)
