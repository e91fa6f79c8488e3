# Watches the server's requests for one slice, and ends early once it is idle: nothing in flight and no request for quietSeconds, but not
# before floorSeconds. It watches the application's own counts, otherwise its connections as the kernel sees them; a server with neither is
# drained blind, unless its own service does not run. Or it watches the sessions in the server's memory, until none is left.
import json
import os
import stat
import sys
import time

from instance import (
    CURRENT, NO_RELEASE, ROOT, SERVICE, current_contract, fencing_token, has_placeholder, is_stale, parameter, parse_json,
    seconds, server_port, valid_port, version_of,
)
from words import print_result
from probes import ProbeError, read_probe
from connections import NoListener, NoView, at_ports, check_listeners, parse_connections, ss
from requests_in_flight import IN_FLIGHT, TIE, Connections, ages, judge
from run_quietly import run_quietly
from sessions_in_memory import watch_sessions

POLL_SECONDS = 0.2
# Samples are taken this often while requests come: with requests between two samples, more ties remain.
CLOSE_POLL_SECONDS = 0.05
# The document's own time-out is 180 s.
LONGEST_SLICE_SECONDS = 120.0
# A busy server can lose one response and still have counts.
FAILURES_IN_A_ROW = 3
# What the kernel's view has to remember from one slice of a drain to the next.
MEMORY = os.path.join(ROOT, "run", "drain.json")
MEMORY_BYTES = 8 * 1024 * 1024
# Which connections had a request in flight before the server last left the load balancer.
LOOK = os.path.join(ROOT, "run", "look.json")
BOOT = "/proc/sys/kernel/random/boot_id"
SYSTEMCTL_SECONDS = 5
# Its processes have ended. A service that is deactivating can still have requests in flight.
ENDED_STATES = ("inactive", "failed", "activating")


class NotWatched(Exception):
    """A signal that this server does not offer, with the reason."""


def read_sessions(contract, responses):
    """For display: a drain does not wait for it."""
    if not isinstance(contract.get("sessions"), dict):
        return dict()
    try:
        return dict(sessions=read_probe(contract, "sessions", responses))
    except ProbeError:
        return dict()


class Counts:
    """The application's own in-flight and request counts. Quiet time carries over slices while the counter does not change."""

    signal = "counts"
    ended = None

    def __init__(self, contract, requests, carried_seconds):
        if not isinstance(contract.get("inFlight"), dict) or not isinstance(contract.get("requests"), dict):
            raise NotWatched("the release's contract has no inFlight and requests probes")
        self.contract = contract
        self.requests = requests
        self.carried_seconds = carried_seconds
        self.active = None
        self.pause_seconds = POLL_SECONDS

    def read(self):
        responses = dict()
        counts = dict((name, read_probe(self.contract, name, responses)) for name in ("inFlight", "requests"))
        now = time.monotonic()
        if counts["requests"] != self.requests or counts["inFlight"] > 0:
            self.active = now
        elif self.active is None:
            self.active = now - self.carried_seconds
        self.requests = counts["requests"]
        return dict(counts, **read_sessions(self.contract, responses))

    def end(self):
        """The counts have no ages: the kernel's connections do, where they show the requests that the counts are of."""
        look = recall_look()
        if not look:
            return dict()
        try:
            ports = target_ports(self.contract)
            check_listeners(ports)
            now = time.monotonic()
            connections = Connections(ports, parameter("longLived", "close|wait") == "close", now, dict())
            connections.read(now)
        except (NoView, NotWatched):
            return dict()
        # A tie is an answered request, or one that is younger than the look.
        unknown = ages([sample for sample in connections.counted if sample["verdict"] == TIE], look, now)["younger"]
        return dict() if unknown else ages([sample for sample in connections.counted if sample["verdict"] != TIE], look, now)


def target_ports(contract):
    """Where the load balancer knows the server."""
    # A machine of the local cloud has one port, whatever is registered.
    local = os.environ.get("HOLDFAST_LOCAL_PORT")
    ports = [int(port) for port in (local or parameter("targetPorts", r"[0-9]{1,5}(,[0-9]{1,5}){0,19}")).split(",")]
    ports = sorted(set(port or server_port(contract) for port in ports))
    if not all(map(valid_port, ports)):
        raise NotWatched("the server's port is not known")
    return ports


def why_ended(contract, ports):
    """Why no request can be in flight: the server's own service has ended. None when it runs, or nothing of ours is known."""
    own = server_port(contract)
    try:
        if not contract or not own or ss("-l", *at_ports(sorted(set(ports + [own])))).strip():
            return None
    except NoView:
        return None
    state = run_quietly("systemctl", "is-active", SERVICE, limit_seconds=SYSTEMCTL_SECONDS).strip()
    if state not in ENDED_STATES:
        return None
    return "nothing listens at port %s, and %s is %s: no request can be in flight" % (", ".join(map(str, ports)), SERVICE, state)


class Kernel:
    """The connections at the ports that the load balancer knows. `ended` has the reason while the server's service does not run.

    With `only_ended`, connections do not show requests: it watches a server only as long as none can come.
    """

    signal = "kernel"

    def __init__(self, contract, carried_seconds, quiet_seconds, only_ended):
        ports = target_ports(contract)
        self.contract = contract
        self.drain = parameter("drainStartedAtMs", r"[0-9]{1,15}")
        now = time.monotonic()
        memory = read_memory(self.drain, now)
        is_known = len(memory) > 0
        memory.setdefault("active", now - carried_seconds)
        self.ports = ports
        self.quiet_seconds = quiet_seconds
        self.only_ended = only_ended
        self.ended = None
        try:
            check_listeners(ports)
        except NoView as error:
            self.ended = why_ended(contract, ports)
            # A server that this drain has watched before is about to listen again.
            if not self.ended and not (is_known and isinstance(error, NoListener)):
                raise NotWatched(str(error)) from None
        if only_ended and not self.ended:
            raise NotWatched("its connections do not show requests")
        self.connections = Connections(ports, parameter("longLived", "close|wait") == "close", now, memory)

    def read(self):
        begun = time.monotonic()
        counts = self.connections.read(begun)
        self.active = self.connections.active
        if self.ended:
            self.ended = why_ended(self.contract, self.ports)
            if self.only_ended and not self.ended:
                raise NotWatched("the server has started again")
        if self.ended:
            # No request can come any more, so the quiet time, which waits for requests, is over at once.
            self.active = min(self.active, begun - self.quiet_seconds - 0.001)
        # With thousands of connections a sample takes a while: a fifth of one processor at most.
        least = 4 * (time.monotonic() - begun)
        self.pause_seconds = max(least, CLOSE_POLL_SECONDS if self.connections.changing else POLL_SECONDS)
        return counts

    def end(self):
        sessions = read_sessions(self.contract, dict())
        write_memory(MEMORY, dict(self.connections.memory(), drain=self.drain))
        look = recall_look()
        return dict(sessions, **(ages(self.connections.counted, look, self.connections.taken) if look else dict()))


def boot():
    with open(BOOT) as file:
        return file.read().strip()


def look_ahead():
    """While the server is still registered: at which ports does not matter yet. An earlier look is as good where this one fails."""
    try:
        samples = parse_connections(ss("-i", "state", "established", "state", "close-wait"))
    except NoView as error:
        return dict(signal="blind", quietSeconds=0, reason=str(error))
    # With a response that is not yet acknowledged the next request could be taken for this one.
    keys = [sample["key"] for sample in samples if judge(sample, None) == IN_FLIGHT and sample["unsent"] == 0]
    write_memory(LOOK, dict(boot=boot(), at=time.monotonic(), keys=keys))
    return dict(signal="kernel", quietSeconds=0, inFlight=len(keys))


def recall_look():
    try:
        look = recall(LOOK)
        return look if look["boot"] == boot() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def recall(path):
    """What write_memory has stored; nothing of another user's file."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode) or os.fstat(file).st_uid != os.geteuid():
            return dict()
        return parse_json(stream.read(MEMORY_BYTES))


def read_memory(drain, now):
    """The memory of the previous slice of this drain; empty for that of another drain, and for one from before a restart of the server."""
    try:
        memory = recall(MEMORY)
        if memory["drain"] == drain and memory["began"] <= memory["active"] <= now:
            return memory
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return dict()


def write_memory(path, memory):
    """Stores the memory for the next slice. Without the folder it is not stored, and each slice begins anew."""
    text = json.dumps(memory, separators=(",", ":"))
    temporary = path + ".new"
    try:
        if os.path.lexists(path):
            os.remove(path)
        if os.path.lexists(temporary):
            os.remove(temporary)
        if len(text) > MEMORY_BYTES:
            return
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        pass


def watch(view, end, floor, quiet_seconds):
    """The slice's last counts. Raises NotWatched when the signal fails several times in a row."""
    failures = 0
    while True:
        try:
            counts = view.read()
            failures = 0
        except (ProbeError, NoView) as error:
            failures += 1
            if failures >= FAILURES_IN_A_ROW:
                raise NotWatched(str(error)) from None
            time.sleep(POLL_SECONDS)
            continue
        now = time.monotonic()
        quiet = max(0, now - view.active)
        if now >= end or (now >= floor and counts["inFlight"] == 0 and quiet >= quiet_seconds):
            return dict(counts, quietSeconds=round(quiet, 3), **view.end())
        # The next sample is at the floor or at the end if one of them is near.
        time.sleep(min(view.pause_seconds, *(at - now for at in (floor, end) if at > now)))


def main():
    token = fencing_token()
    slice_seconds = min(seconds("sliceSeconds"), LONGEST_SLICE_SECONDS)
    floor_seconds = min(seconds("floorSeconds"), slice_seconds)
    quiet_seconds = seconds("quietSeconds")
    requests = int(parameter("previousRequests", r"-1|[0-9]{1,15}"))
    carried = seconds("previousQuietSeconds")
    chosen = parameter("drainSignal", "auto|counts|kernel|blind")
    watched = parameter("watch", "requests|sessions|inFlight")
    if is_stale(token):
        sys.exit("StaleFencingToken: a deploy with a fencing token above %d works on this instance" % token)
    if version_of(CURRENT) == NO_RELEASE and has_placeholder():
        nothing = dict(signal="sessions", sessions=0) if watched == "sessions" else dict(signal="blind")
        return print_result(dict(nothing, placeholder=True, quietSeconds=0))

    contract = current_contract()
    begin = time.monotonic()
    if watched == "sessions":
        return print_result(watch_sessions(contract, begin + slice_seconds, seconds("begunSeconds")))
    if watched == "inFlight":
        return print_result(look_ahead())
    signals = dict(
        counts=lambda: Counts(contract, requests, carried),
        kernel=lambda: Kernel(contract, carried, quiet_seconds, chosen == "counts"),
    )
    reasons = []
    for name, view in signals.items():
        if chosen not in ("auto", name, "counts"):
            continue
        try:
            viewed = view()
            result = watch(viewed, begin + slice_seconds, begin + floor_seconds, quiet_seconds)
        except NotWatched as reason:
            if chosen in ("auto", name):
                reasons.append(str(reason)[:150])
            continue
        reasons[1:] = filter(None, [viewed.ended])
        why = dict(reason="; ".join(reasons)) if reasons else dict()
        return print_result(dict(signal=name, **result, **why))
    reason = "; ".join(reasons) or "drainSignal is blind"
    print_result(dict(signal="blind", quietSeconds=0, reason=reason, **read_sessions(contract, dict())))


main()
