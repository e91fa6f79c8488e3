"""What the documents' scripts share: the server's folders, the release's contract and the fencing token.

join-python.ts makes one script of a file and its neighbours. Python 3.9, standard library only: Tomcat servers have no Node.
Two opening braces in a row start a Systems Manager parameter, so these files must not contain them.
"""
import fcntl
import http.client
import json
import os
import re
import sys
import time

if sys.version_info < (3, 9):
    sys.exit("Holdfast needs Python 3.9 or later, and this server's is %d.%d" % sys.version_info[:2])

ROOT = os.environ.get("HOLDFAST_ROOT") or "/opt/holdfast"
ETC = os.path.join(ROOT, "etc")
RELEASES = os.path.join(ROOT, "releases")
CURRENT = os.path.join(ROOT, "current")
PREVIOUS = os.path.join(ROOT, "previous")
INSTANCE_ENVIRONMENT = os.path.join(ETC, "instance.env")
PLACEHOLDER = os.path.join(ETC, "placeholder.json")
# The version of a server without a release.
NO_RELEASE = "none"
SERVICE = "holdfast-app"
# Answers health checks on a server without a release.
PLACEHOLDER_SERVICE = "holdfast-placeholder"
CONTRACT_FILE = "holdfast.app.json"
# More than any contract needs.
CONTRACT_BYTES = 64 * 1024


def parameter(name, pattern):
    """The document's parameter. The service has checked the pattern, but its `$` allows a final line feed; this does not."""
    value = os.environ.get("SSM_" + name)
    if value is None:
        sys.exit("SSM_%s is not set: update the SSM agent to 3.3.2746.0 or later" % name)
    if not re.fullmatch(pattern, value):
        sys.exit("SSM_%s does not match %s" % (name, pattern))
    return value


def optional_parameter(name, pattern):
    """Empty by default."""
    return parameter(name, "(?:%s)?" % pattern) if os.environ.get("SSM_" + name) else ""


def seconds(name):
    return float(parameter(name, r"[0-9]{1,6}(\.[0-9]{1,3})?"))


def fencing_token():
    return int(parameter("fencingToken", r"[0-9]{1,15}"))


def private(path, flags):
    """Opens a file of root alone, also one that others could open before: who can open a lock can hold it."""
    file = os.open(path, flags, 0o600)
    os.fchmod(file, 0o600)
    return file


def is_stale(token):
    """True if a later deploy has already worked on this instance; otherwise this token becomes the highest seen."""
    os.makedirs(ETC, exist_ok=True)
    with open(os.path.join(ETC, "fencing-token"), "a+", opener=private) as file:
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
    """Version of the release that a link points to; NO_RELEASE without a link."""
    try:
        return os.path.basename(os.readlink(link))
    except OSError:
        return NO_RELEASE


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


def has_placeholder():
    """Holdfast launched this server: without a release, a placeholder answers its health checks."""
    return os.path.isfile(PLACEHOLDER)


def serving_contract():
    """The current release's contract; without a release that of the placeholder, which only has a health path."""
    if version_of(CURRENT) != NO_RELEASE or not has_placeholder():
        return current_contract()
    try:
        with open(PLACEHOLDER, encoding="utf-8") as file:
            settings = json.load(file)
        # Without a path of its own it answers Holdfast's probe on every one.
        path = settings.get("healthPath") or "/"
        return dict(port=settings.get("port"), health=dict(loadBalancer=path, ready=path))
    except (OSError, ValueError):
        return dict()


def environment_value(name):
    """A variable of the service's environment; empty without it."""
    try:
        with open(INSTANCE_ENVIRONMENT, encoding="utf-8") as file:
            found = re.findall(r'^%s="?([^"\n]*)"?\s*$' % name, file.read(256 * 1024), re.MULTILINE)
            # As with systemd, a later line of a file wins.
            return found[-1] if found else ""
    except OSError:
        return ""


def valid_port(port):
    return port if isinstance(port, int) and 0 < port < 65536 else 0


def port_of(variable, port):
    """The port that the instance's environment sets, or `port` if it sets no number; 0 if that is out of range."""
    value = environment_value(variable).strip()
    return valid_port(int(value) if re.fullmatch("[0-9]{1,9}", value) else port)


def server_port(contract):
    return port_of("PORT", contract.get("port"))


def probe_port(contract, probe):
    """Where a probe or a readiness check is requested: the server's own port, or one of a listener for probes alone."""
    port = probe.get("port")
    if port is None:
        return server_port(contract)
    return port_of("STATUS_PORT", contract.get("statusPort")) if port == "STATUS_PORT" else valid_port(port)


def health_of(contract):
    """The contract's part on health; empty without one."""
    return contract["health"] if isinstance(contract.get("health"), dict) else dict()


def is_healthy(contract, status):
    """Whether the load balancer takes this status code for healthy: `200,302` or `200-399`."""
    for part in str(health_of(contract).get("status") or "200").split(","):
        lowest, _, highest = part.partition("-")
        if lowest.isdigit() and (highest or lowest).isdigit() and int(lowest) <= status <= int(highest or lowest):
            return True
    return False


def parse_json(text):
    """Raises ValueError, for text that is nested too deeply as well."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def describe(error):
    """An error as one line. Those of the HTTP client can quote what the server sent, so they are only named."""
    if isinstance(error, http.client.HTTPException) or not str(error):
        return type(error).__name__
    return "%s: %s" % (type(error).__name__, error)
