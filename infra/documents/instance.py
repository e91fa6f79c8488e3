"""What the documents' scripts share: the server's folders, the release's contract, probes and the fencing token.

documents.ts puts this text in front of each script. Python 3.9, standard library only: Tomcat servers have no Node.
Two opening braces in a row start a Systems Manager parameter, so these files must not contain them.
"""
import fcntl
import http.client
import json
import os
import re
import signal
import sys
import time

ROOT = os.environ.get("HOLDFAST_ROOT") or "/opt/holdfast"
ETC = os.path.join(ROOT, "etc")
RELEASES = os.path.join(ROOT, "releases")
CURRENT = os.path.join(ROOT, "current")
PREVIOUS = os.path.join(ROOT, "previous")
INSTANCE_ENVIRONMENT = os.path.join(ETC, "instance.env")
CONTRACT_FILE = "holdfast.app.json"
# More than any contract needs.
CONTRACT_BYTES = 64 * 1024
# Maximum time of one request to the server, from connection to last byte.
HTTP_SECONDS = 2.0
# The rest of a longer response is not read.
HTTP_BYTES = 64 * 1024
VALID_PATH = r"/[!-~]*"
# Maximum time that a pattern may search a response: with some texts, some patterns would take years.
PATTERN_SECONDS = 0.5
LONGEST_PATTERN = 256
# A count that JSON, JavaScript and the documents' parameters carry unchanged is lower.
COUNT_LIMIT = 10 ** 15


def parameter(name, pattern):
    """The document's parameter. The service has checked the pattern, but its `$` allows a final line feed; this does not."""
    value = os.environ.get("SSM_" + name)
    if value is None:
        sys.exit("SSM_%s is not set: update the SSM agent to 3.3.2746.0 or later" % name)
    if not re.fullmatch(pattern, value):
        sys.exit("SSM_%s does not match %s" % (name, pattern))
    return value


def seconds(name):
    return float(parameter(name, r"[0-9]{1,6}(\.[0-9]{1,3})?"))


def fencing_token():
    return int(parameter("fencingToken", r"[0-9]{1,15}"))


def is_stale(token):
    """True if a later deploy has already worked on this instance; otherwise this token becomes the highest seen."""
    os.makedirs(ETC, exist_ok=True)
    with open(os.path.join(ETC, "fencing-token"), "a+") as file:
        lock(file, 10)
        file.seek(0)
        text = file.read().strip()
        highest = int(text) if text.isdigit() else 0
        if token < highest:
            return True
        if token > highest:
            file.seek(0)
            file.truncate()
            file.write(str(token))
        return False


def lock(file, limit_seconds):
    """Locks the open file exclusively until the process ends."""
    deadline = time.monotonic() + limit_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > deadline:
                sys.exit("another command has locked %s for more than %d s" % (file.name, limit_seconds))
            time.sleep(0.05)


def version_of(link):
    """Version of the release that a link points to; `none` without a link."""
    try:
        return os.path.basename(os.readlink(link))
    except OSError:
        return "none"


def read_contract(folder):
    """The contract of the release in a folder. Raises OSError or ValueError."""
    with open(os.path.join(folder, CONTRACT_FILE), "rb") as file:
        text = file.read(CONTRACT_BYTES + 1)
    if len(text) > CONTRACT_BYTES:
        raise ValueError("longer than %d bytes" % CONTRACT_BYTES)
    contract = parse_json(text)
    if not isinstance(contract, dict):
        raise ValueError("not a JSON object")
    return contract


def current_contract():
    """The current release's contract; empty without a release."""
    try:
        return read_contract(CURRENT)
    except (OSError, ValueError):
        return dict()


def server_port(contract):
    """PORT from the instance's environment, otherwise the contract's port."""
    try:
        with open(INSTANCE_ENVIRONMENT, encoding="utf-8") as file:
            found = re.search(r'^PORT="?([0-9]{1,5})"?\s*$', file.read(), re.MULTILINE)
            if found:
                return int(found.group(1))
    except OSError:
        pass
    port = contract.get("port")
    return port if isinstance(port, int) and 0 < port < 65536 else 0


def parse_json(text):
    """Raises ValueError, for text that is nested too deeply as well."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


class Expired(Exception):
    """A time limit was exceeded. Not an OSError, which the library's own code could handle."""


class TimeLimit:
    """Raises Expired in its block after so many seconds, even in the middle of a search or between two slow bytes."""

    def __init__(self, limit_seconds):
        self.limit_seconds = limit_seconds
        self.armed = False

    def __enter__(self):
        signal.signal(signal.SIGALRM, self.expire)
        self.armed = True
        signal.setitimer(signal.ITIMER_REAL, self.limit_seconds)

    def __exit__(self, *_):
        self.armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def expire(self, *_):
        if self.armed:
            raise Expired()


def http_get(port, path):
    """Status and text of one GET on the server's localhost, at most HTTP_BYTES of it. Raises OSError or HTTPException."""
    if not isinstance(path, str) or not re.fullmatch(VALID_PATH, path):
        raise http.client.InvalidURL()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)
    try:
        with TimeLimit(HTTP_SECONDS):
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


class ProbeError(Exception):
    """A probe that returned no number. The message has the reason, but never the body."""


def number_in(value, field):
    """The number at a dotted path, whose parts are keys or list positions."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", field):
        raise ProbeError("the field is not valid")
    for part in field.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            raise ProbeError("the response has no field %s" % field)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ProbeError("%s is not a number" % field)
    return value


def number_matched(path, pattern, text):
    """The pattern's first group, as a number."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        raise ProbeError("%s: the pattern is not a text of at most %d characters" % (path, LONGEST_PATTERN))
    try:
        with TimeLimit(PATTERN_SECONDS):
            found = re.search(pattern, text, re.MULTILINE)
    except Expired:
        raise ProbeError("%s: the pattern takes more than %s s to search the response" % (path, PATTERN_SECONDS)) from None
    except (re.error, OverflowError, RecursionError) as error:
        raise ProbeError("%s: the pattern is not a regular expression" % path) from error
    if not found:
        raise ProbeError("%s: the pattern does not match the first %d bytes of the response" % (path, HTTP_BYTES))
    try:
        return float(found.group(1))
    except (ValueError, TypeError, IndexError) as error:
        raise ProbeError("%s: the pattern's first group is not a number" % path) from error


def read_probe(port, probe, responses):
    """One number. `responses` keeps the bodies of this round, so that probes with the same path make one request."""
    path = str(probe.get("path"))
    if not re.fullmatch(VALID_PATH, path):
        raise ProbeError("the path is not valid")
    try:
        if path not in responses:
            responses[path] = http_get(port, path)
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError("%s: %s" % (path, describe(error))) from error
    status, text = responses[path]
    if status != 200:
        raise ProbeError("%s returns status %d" % (path, status))
    if "pattern" in probe:
        number = number_matched(path, probe["pattern"], text)
    else:
        try:
            number = number_in(parse_json(text), str(probe.get("field")))
        except ValueError as error:
            raise ProbeError("%s does not return JSON of at most %d bytes" % (path, HTTP_BYTES)) from error
    # The comparison is false for a number that is none (NaN).
    if not -COUNT_LIMIT < number < COUNT_LIMIT:
        raise ProbeError("%s: the number is not between -10^15 and 10^15" % path)
    return int(number) if number == int(number) else number


def describe(error):
    """An error as one line. Those of the HTTP client can quote what the server sent, so they are only named."""
    if isinstance(error, http.client.HTTPException) or not str(error):
        return type(error).__name__
    return "%s: %s" % (type(error).__name__, error)


def print_result(result):
    """Prints the script's one line of output."""
    print(json.dumps(result, separators=(",", ":")), flush=True)
