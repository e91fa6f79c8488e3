# Which connections have a request in flight, without asking the application: the kernel keeps the age of the last byte that it
# received and sent on each, in ticks of 1 to 10 ms. Judging takes samples and returns values, so that tables can test it.
from probes import OWN_PEERS
from connections import NoView, WATCHED_STATES, at_ports, parse_connections, ss

CHANGING_MS = 500
# A response without a pause is being sent: its next segment follows within this.
SENDING_MS = 1000
# Peers acknowledge within 0.5 s (RFC 9293, 3.8.6.3): a later one can be of anything.
LATEST_ACK_MS = 1000
# A server's kernel acknowledges what it received within 0.2 s (TCP_DELACK_MAX), by an empty segment if it has nothing to send.
LONGEST_DELAYED_ACK_MS = 300
COUNTERS = ("received", "sent", "empty_received", "empty_sent")
# How long a tie is held for a request in flight: little more than the quiet time, which begins when a tie does.
# docs/drain-without-counts.md has the figures.
TIE_MS = 30 * 1000
# The load balancer has given up a response to a connection that it closed; what the server leaves open after that is leaked.
LEAKED_MS = 60 * 1000

# The server's own closings are looked for this often: a connection that opens and closes between two samples leaves a trace.
CLOSED_SECONDS = 1.0
# A WebSocket or an endless stream is recognised by what HTTP/1 requests and responses do not do, each after a pause like one of these.
PAUSE_MS = 1000
# People who type, and games, send several messages a second; what follows an early answer follows it at once.
SHORT_PAUSE_MS = 300
# "GET / HTTP/1.0" and its two ends of lines.
LEAST_REQUEST_BYTES = 18
# A response that pauses again and again is taken for a stream this long after its request, one without pauses after that.
STREAM_MS = 60 * 1000
ENDLESS_MS = 240 * 1000
# No load balancer goes on sending requests to a deregistered target for this long (measured: 15 to 25 s). Whether it goes on
# checking the target's health is not documented: each of its nodes would, by a connection of its own.
LONGEST_LAG_SECONDS = 60

# What is known of one connection.
IDLE = "idle"  # answered, or never asked
IN_FLIGHT = "inFlight"
TIE = "tie"  # received and sent within one tick of the kernel's clock: their order is unknown


def judge(now, before):
    """IDLE, IN_FLIGHT or TIE.

    `before` is the sample before of the same connection, with its `verdict`; None for the first.
    """
    if now["received"] == 0 and now["unread"] == 0:
        return IDLE
    if now["unread"] > 0 or now["unsent"] > 0 or now["sent"] == 0 or now["received_ms"] < now["sent_ms"]:
        return IN_FLIGHT
    if now["received_ms"] > now["sent_ms"]:
        return IDLE
    if now["state"] == "ESTAB" and 0 < now["sent_ms"] - now["acked_ms"] <= LATEST_ACK_MS:
        # The peer's last acknowledgement came by itself, without data, and later than the response was sent. A request after that response
        # would have carried the acknowledgement, and no separate one would have been needed: so none is in flight.
        return IDLE
    if before is None:
        return TIE
    if before["verdict"] != TIE and now["received"] == before["received"] and now["sent"] == before["sent"]:
        return before["verdict"]
    return judge_tie(now, before["anchor"]) if before["anchor"] else TIE


def judge_tie(now, anchor):
    """By what has changed since `anchor`, a sample before the last request. Everything sent has been acknowledged."""
    received, sent, empty_received, empty_sent = (now[name] - anchor[name] for name in COUNTERS)
    if anchor["verdict"] == IDLE and received == 1 and sent > 0:
        return IDLE  # one segment came, and a server does not answer before it is asked
    if received > 0 and sent > 0 and empty_received == 0:
        return IN_FLIGHT  # what was sent has been acknowledged by data, so that data came later
    if received > 0 and sent > 0 and empty_sent == 0 and now["received_ms"] >= LONGEST_DELAYED_ACK_MS:
        return IDLE  # what was received has been acknowledged by data, so that data was sent later
    return TIE


def anchor_of(sample, before):
    """What the samples to come are compared with, while this connection's order is unknown."""
    if sample["verdict"] != TIE:
        return dict((name, sample[name]) for name in COUNTERS + ("verdict",))
    return before["anchor"] if before else None


def is_held(sample):
    """A request is in flight on the connection, or has to be taken for one."""
    if sample["verdict"] == TIE:
        return sample["received_ms"] < TIE_MS
    if sample["verdict"] == IDLE:
        return sample["sent"] > 0 and sample["sent_ms"] < SENDING_MS
    return sample["state"] != "CLOSE-WAIT" or min(sample["received_ms"], sample["sent_ms"]) < LEAKED_MS


NO_SIGNS = dict(pushes=0, pushesInAll=0, messages=0, small=0, late=0, sending=0)


def signs_of(now, before, watched_seconds):
    """What distinguishes a WebSocket or stream from requests and responses, counted over the samples of one connection."""
    if before is None:
        return dict(NO_SIGNS)
    signs = dict(before["signs"])
    received = now["received"] - before["received"]
    sent = now["sent"] - before["sent"]
    asked = before["verdict"] == IN_FLIGHT
    if received > 0:
        signs.update(pushes=0, sending=0)
    elif sent > 0:
        signs["sending"] += 1
    pause_ms = min(before["received_ms"], before["sent_ms"]) if before["unread"] == 0 and before["unsent"] == 0 else 0
    if pause_ms >= PAUSE_MS and sent > 0 and received == 0 and not asked:
        # It sends again without having been asked.
        signs["pushes"] += 1
        signs["pushesInAll"] += 1
    if pause_ms >= PAUSE_MS and received > 0 and sent == 0 and asked:
        # It was sent more before it answered.
        signs["messages"] += 1
    if pause_ms >= SHORT_PAUSE_MS and received > 0 and not asked:
        signs["small"] += now["bytes"] - before["bytes"] < LEAST_REQUEST_BYTES
        signs["late"] += watched_seconds >= LONGEST_LAG_SECONDS
    return signs


def ages(samples, look, now):
    """How many of the requests in flight began before `look`, which lists connections that had one, and how many possibly did not.

    Without pipelining, one that has received nothing since is still on the request from before; so is one that had a request
    then and has sent nothing since. A new connection on the same ports has the time of its opening for that of its last sending.
    """
    looked_ms = (now - look["at"]) * 1000
    keys = set(look["keys"])
    older = sum(sample["received_ms"] >= looked_ms or (sample["sent_ms"] >= looked_ms and sample["key"] in keys) for sample in samples)
    return dict(older=older, younger=len(samples) - older)


def is_long_lived(sample):
    signs = sample["signs"]
    stream = signs["pushes"] >= 3 and sample["received_ms"] >= STREAM_MS
    endless = signs["sending"] >= 20 and sample["received_ms"] >= ENDLESS_MS
    both_ways = signs["pushesInAll"] >= 3 and signs["messages"] >= 3
    return stream or endless or both_ways or signs["small"] >= 2 or signs["late"] >= 3


class Connections:
    """Samples of the connections at the registered ports, one after the other, and what they mean together."""

    def __init__(self, ports, close_long_lived, now, memory):
        self.filter = at_ports(ports)
        self.close_long_lived = close_long_lived
        self.own_before = set(memory.get("own", ()))
        # By key: the latest sample of each connection, with the signs of long-lived ones.
        self.before = memory.get("connections", dict())
        # Peers whose connections the server has closed lately; None before the first look.
        self.closed = set(memory["closed"]) if "closed" in memory else None
        self.looked_at = memory.get("lookedAt")
        # Requests come: samples close to each other leave fewer ties.
        self.changing = True
        self.seen = set(self.before)
        # The script's first sight of this drain, by its own clock: not before the target was deregistered.
        self.began = memory.get("began", now)
        # When samples were last taken; look_at_closed has its own time.
        self.taken = memory.get("taken", now)
        # Of the latest samples: those with a request in flight.
        self.counted = []
        # When a byte was last received or sent, on connections that have ended as well.
        self.active = memory.get("active", now)

    def memory(self):
        """What the next slice has to know."""
        own = sorted(self.own())[-40:]
        times = dict(began=self.began, active=self.active, taken=self.taken, lookedAt=self.looked_at)
        return dict(times, connections=self.before, closed=sorted(self.closed or ()), own=own)

    def own(self):
        """Peers of the script's own requests, as IPv4 and as a dual-stack listener sees them."""
        return self.own_before.union(OWN_PEERS, ("[::ffff:%s]:%s" % tuple(peer.split(":")) for peer in OWN_PEERS))

    def read(self, now):
        """Counts of this moment. Raises NoView."""
        states = [word for state in WATCHED_STATES for word in ("state", state)]
        samples = parse_connections(ss("-i", *states, *self.filter))
        counts = self.take([sample for sample in samples if sample["peer"] not in self.own()], now)
        if self.looked_at is None or now - self.looked_at >= CLOSED_SECONDS:
            self.look_at_closed(now)
        return counts

    def is_late(self, at):
        """What is new since then is not of the load balancer's users, but a check of health or a monitor's."""
        return at - self.began >= LONGEST_LAG_SECONDS

    def take(self, samples, now):
        """Judges one moment's samples."""
        latest = dict()
        late = self.is_late(self.taken)
        for sample in samples:
            if sample["state"] == "SYN-RECV":
                # A request will follow.
                self.active = self.active if late else now
                continue
            if not sample["has_times"]:
                raise NoView("ss shows no tcp_info: update iproute")
            before = self.before.get(sample["key"])
            sample["verdict"] = judge(sample, before)
            sample["anchor"] = anchor_of(sample, before)
            sample["signs"] = signs_of(sample, before, now - self.began)
            sample["late"] = before["late"] if before else late
            latest[sample["key"]] = sample
        self.before = latest
        self.taken = now
        self.seen.update(latest)
        self.changing = any(sample["received_ms"] < CHANGING_MS or sample["sent_ms"] < CHANGING_MS for sample in latest.values())
        users = [sample for sample in latest.values() if not sample["late"]]
        long_lived = sum(map(is_long_lived, users))
        watched = [sample for sample in users if not (self.close_long_lived and is_long_lived(sample))]
        self.counted = [sample for sample in watched if is_held(sample) or is_long_lived(sample)]
        for sample in watched:
            if is_held(sample) and sample["verdict"] == IN_FLIGHT:
                self.active = now
            elif sample["received"] > 0:
                self.active = max(self.active, now - min(sample["received_ms"], sample["sent_ms"]) / 1000.0)
        return dict(inFlight=len(self.counted), longLived=long_lived, ties=sum(sample["verdict"] == TIE for sample in watched))

    def look_at_closed(self, now):
        """Connections that were never seen open had a request all the same."""
        closed = set()
        for line in ss("state", "time-wait", *self.filter).splitlines():
            words = line.split()
            if len(words) >= 4 and words[-1] not in self.own():
                closed.add(words[-2] + " " + words[-1])
        if self.closed is not None and closed - self.closed - self.seen and not (self.looked_at and self.is_late(self.looked_at)):
            self.active = now
        self.closed = closed
        self.looked_at = now
        self.seen = set(self.before)
