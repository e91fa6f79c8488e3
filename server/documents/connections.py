# The server's connections as the kernel shows them: `ss` of iproute2, and its text as samples.
import subprocess

from instance import describe
from time_limit import Expired, TimeLimit

SS_SECONDS = 5.0
# 30,000 connections at 500 bytes.
SS_BYTES = 16 * 1024 * 1024
# CLOSE-WAIT: the peer has closed its side and may still wait for a response. SYN-RECV: about to become a connection.
WATCHED_STATES = ("established", "close-wait", "syn-recv")

class NoView(Exception):
    """The kernel's view is missing or does not show this server. The message has the reason."""


class NoListener(NoView):
    """Nothing listens at the port."""


def ss(*arguments):
    """Lines of `ss -t`: iproute2's view of sockets; no shell, bounded time and output."""
    try:
        process = subprocess.Popen(
            ("ss", "-t", "-n", "-H") + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise NoView("ss is missing: install iproute (Debian: iproute2)") from None
    except OSError as error:
        raise NoView("ss cannot be run: %s" % describe(error)) from None
    try:
        with TimeLimit(SS_SECONDS):
            text = process.stdout.read(SS_BYTES + 1)
            code = process.wait() if len(text) <= SS_BYTES else 0
    except Expired:
        raise NoView("ss takes more than %d s" % SS_SECONDS) from None
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
    if len(text) > SS_BYTES:
        raise NoView("ss prints more than %d MB: too many connections" % (SS_BYTES // 1024 // 1024))
    if code != 0:
        raise NoView("ss exits with %d" % code)
    return text.decode("utf-8", "replace")


def at_ports(ports):
    return ["("] + " or ".join("sport = :%d" % port for port in ports).split(" ") + [")"]


def check_listeners(ports):
    """Raises NoView unless this namespace has a listener at each port that is the server's own."""
    for port in ports:
        listeners = ss("-l", "-p", *at_ports([port]))
        if not listeners.strip():
            raise NoListener("nothing listens at port %d in the network namespace of the SSM agent" % port)
        # It only holds the port: packets are forwarded into the container's namespace, whose sockets are not seen from here.
        if "docker-proxy" in listeners:
            raise NoView("docker-proxy listens at port %d: the connections are in the container's network namespace" % port)


def parse_connections(text):
    """Connections of `ss -i` without `-H`'s heading: the socket's line, then its tcp_info on one that is indented."""
    entries = []
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and entries:
            entries[-1] += line
        elif line.strip():
            entries.append(line)
    return [connection for connection in map(parse_connection, entries) if connection]


def parse_connection(entry):
    words = entry.split()
    if len(words) < 5 or not (words[1] + words[2]).isdigit():
        return None
    info = dict()
    for word in words[5:]:
        name, colon, value = word.partition(":")
        # A value of 0 is not printed.
        if colon and value.isdigit():
            info[name] = int(value)
    return dict(
        state=words[0],
        key=words[3] + " " + words[4],
        peer=words[4],
        # The end of the stream counts as a byte that waits.
        unread=int(words[1]) - (1 if words[0] == "CLOSE-WAIT" and words[1] != "0" else 0),
        unsent=max(int(words[2]), info.get("unacked", 0)),
        received_ms=info.get("lastrcv", 0),
        sent_ms=info.get("lastsnd", 0),
        acked_ms=info.get("lastack", 0),
        received=info.get("data_segs_in", 0),
        sent=info.get("data_segs_out", 0),
        # Acknowledgements without data, and the like.
        empty_received=info.get("segs_in", 0) - info.get("data_segs_in", 0),
        empty_sent=info.get("segs_out", 0) - info.get("data_segs_out", 0),
        bytes=info.get("bytes_received", 0),
        has_times=any(name in info for name in ("segs_in", "rto", "cwnd")),
    )
