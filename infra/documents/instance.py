"""What the documents' scripts share: the server's folders, the release's contract, probes and the fencing token.

documents.ts puts this text in front of each script. Python 3.9, standard library only: Tomcat servers have no Node.
Two opening braces in a row start a Systems Manager parameter, so these files must not contain them.
"""
import fcntl
import http.client
import json
import os
import re
import sys
import time

ROOT = os.environ.get("HOLDFAST_ROOT") or "/opt/holdfast"
ETC = os.path.join(ROOT, "etc")
RELEASES = os.path.join(ROOT, "releases")
CURRENT = os.path.join(ROOT, "current")
PREVIOUS = os.path.join(ROOT, "previous")
INSTANCE_ENVIRONMENT = os.path.join(ETC, "instance.env")
CONTRACT_FILE = "holdfast.app.json"
# Maximum time of one request to the server, from connection to last byte.
HTTP_SECONDS = 2.0
# More than a page of metrics has; the rest of a longer response is not read.
HTTP_BYTES = 1024 * 1024


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
    with open(os.path.join(folder, CONTRACT_FILE), encoding="utf-8") as file:
        contract = json.load(file)
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
    return int(contract.get("port") or 0)


def http_get(port, path):
    """Status and text of one GET on the server's localhost. Raises OSError or HTTPException."""
    deadline = time.monotonic() + HTTP_SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)
    try:
        connection.request("GET", path, headers=dict([("User-Agent", "holdfast-probe"), ("Connection", "close")]))
        response = connection.getresponse()
        body = b""
        while len(body) < HTTP_BYTES:
            if time.monotonic() > deadline:
                raise TimeoutError("the response is not complete after %d s" % HTTP_SECONDS)
            part = response.read1(8192)
            if not part:
                break
            body += part
        return response.status, body.decode("utf-8", "replace")
    finally:
        connection.close()


class ProbeError(Exception):
    """A probe that returned no number. The message has the reason, but never the body."""


def number_in(value, field):
    """The number at a dotted path, whose parts are keys or list positions."""
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


def read_probe(port, probe, responses):
    """One number. `responses` keeps the bodies of this round, so that probes with the same path make one request."""
    path = str(probe.get("path"))
    try:
        if path not in responses:
            responses[path] = http_get(port, path)
    except (OSError, http.client.HTTPException) as error:
        raise ProbeError("%s: %s" % (path, describe(error))) from error
    status, text = responses[path]
    if status != 200:
        raise ProbeError("%s returns status %d" % (path, status))
    if "pattern" in probe:
        found = re.search(probe["pattern"], text, re.MULTILINE)
        if not found:
            raise ProbeError("%s: the pattern does not match the response" % path)
        try:
            number = float(found.group(1))
        except (ValueError, IndexError) as error:
            raise ProbeError("%s: the pattern's first group is not a number" % path) from error
        return int(number) if number == int(number) else number
    try:
        return number_in(json.loads(text), str(probe.get("field")))
    except ValueError as error:
        raise ProbeError("%s does not return JSON" % path) from error


def describe(error):
    return "%s: %s" % (type(error).__name__, error) if str(error) else type(error).__name__


def print_result(result):
    """Prints the script's one line of output."""
    print(json.dumps(result, separators=(",", ":")), flush=True)
