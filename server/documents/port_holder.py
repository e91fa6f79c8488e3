# Which other process has the server's port, where a release does not start.
import re

from connections import at_ports, ss
from instance import SERVICE, server_port
from foreign_words import service_properties
from journal import STATE_SECONDS
from run_quietly import run_quietly

# A process further up is not the service's any more.
MOST_PARENTS = 16
MOST_NAMED = 3
PROCESS = re.compile(r'\("([ !#-~]{1,64})",pid=([0-9]{1,9}),')
UNIT = re.compile(r"^(?:0:|[0-9]+:name=systemd):.*/([^/\n]{1,250}\.(?:service|scope))(?:/|$)", re.MULTILINE)


def held_by_another(service, read_contract):
    """`; port 80 is held by nginx (process 812 of nginx.service): …`; empty if nobody else listens there, or that is unknown. Never raises."""
    try:
        port = server_port(read_contract())
        names = holders(service, port) if port else []
    except Exception:
        # A MemoryError too: it must not prevent a rollback.
        return ""
    if not names:
        return ""
    more = " and others" if len(names) > MOST_NAMED else ""
    return "; port %d is held by %s%s: stop and disable what holds it" % (port, ", ".join(names[:MOST_NAMED]), more)


def holders(service, port):
    own = service_properties(service, "MainPID", STATE_SECONDS).get("MainPID", "0")
    found = []
    for name, pid in sorted(set(PROCESS.findall(ss("-l", "-p", *at_ports([port]))))):
        unit = unit_of(pid)
        if unit == SERVICE + ".service" or (own != "0" and own in parents_of(pid)):
            continue
        for text in socket_units(port) if pid == "1" else []:
            found.append("%s (systemd)" % text)
        if pid != "1":
            found.append("%s (process %s%s)" % (name, pid, " of %s" % unit if unit else ""))
    return found


def read_process(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), encoding="utf-8", errors="replace") as file:
            return file.read(64 * 1024)
    except OSError:
        return ""


def unit_of(pid):
    units = UNIT.findall(read_process(pid, "cgroup"))
    return units[0] if units else ""


def parents_of(pid):
    """The process and those that started it."""
    found = []
    while pid not in ("0", "1") and len(found) < MOST_PARENTS:
        found.append(pid)
        parent = re.search(r"^PPid:\s*([0-9]+)$", read_process(pid, "status"), re.MULTILINE)
        if parent is None:
            break
        pid = parent.group(1)
    return found


def socket_units(port):
    """systemd listens in the place of a service: the names of its units."""
    lines = run_quietly("systemctl", "list-sockets", "--no-pager", "--no-legend", "--full", limit_seconds=STATE_SECONDS).splitlines()
    rows = [line.split() for line in lines]
    return [row[1] for row in rows if len(row) > 1 and row[0].endswith(":%d" % port)] or ["a socket unit"]
