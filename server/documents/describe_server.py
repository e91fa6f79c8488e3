# What a server that Holdfast has not set up has at its port: service, Java, Tomcat, the store it is connected to. Only reads, and prints no
# argument or variable of a process but where Java and Tomcat are.
import os
import re
import socket
import sys
import zipfile

from connections import NoView, at_ports, ss
from instance import parameter
from services import systemctl
from time_limit import Expired, TimeLimit
from words import print_result

RESOLVE_SECONDS = 3.0
ARGUMENTS_BYTES = 256 * 1024
# The class that Tomcat's own scripts start. An application with a Tomcat in it has a class of its own.
TOMCAT_CLASS = "org.apache.catalina.startup.Bootstrap"
REDIS_PORT = "6379"


def processes_at(port):
    """Ids of those that listen there. systemd itself keeps the socket of a service that it has started by one."""
    found = sorted(set(re.findall(r"\bpid=(\d+)", ss("-l", "-p", *at_ports([port])))))
    return [process for process in found if process != "1"] or found


def unit_of(process):
    first = systemctl("status", "--no-pager", "--lines=0", process).stdout.split("\n", 1)[0]
    found = re.search(r"(?:^|\s)([A-Za-z0-9@_.:\\-]{1,250}\.(?:service|scope))(?:\s|$)", first)
    return found.group(1) if found else None


def program_of(process):
    try:
        # Of a program that was updated since it was started.
        return re.sub(r" \(deleted\)$", "", os.readlink("/proc/%s/exe" % process))
    except OSError:
        return ""


def arguments_of(process):
    try:
        with open("/proc/%s/cmdline" % process, "rb") as file:
            return file.read(ARGUMENTS_BYTES).decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def java_at(program):
    """Where a Java is, and its main version; None of another program."""
    if os.path.basename(program) != "java":
        return None
    home = os.path.dirname(os.path.dirname(program))
    # Java 8 has its programs in a folder of their own below.
    for folder in (home, os.path.dirname(home)):
        try:
            with open(os.path.join(folder, "release"), encoding="utf-8") as file:
                found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', file.read(65536), re.MULTILINE)
        except OSError:
            continue
        if found:
            return dict(home=folder, version=int(found.group(1)))
    return dict(home=home)


def tomcat_of(arguments):
    homes = [each.partition("=")[2] for each in arguments if each.startswith("-Dcatalina.home=")]
    if TOMCAT_CLASS not in arguments or not homes:
        return None
    try:
        with zipfile.ZipFile(os.path.join(homes[-1], "lib", "catalina.jar")) as jar:
            text = jar.read("org/apache/catalina/util/ServerInfo.properties").decode("utf-8", "replace")
        found = re.search(r"^server\.number=([0-9.]+)", text, re.MULTILINE)
    except (OSError, KeyError, zipfile.BadZipFile):
        found = None
    return dict(home=homes[-1], version=found.group(1) if found else None)


def addresses_of(endpoint):
    host, _, port = endpoint.rpartition(":")
    try:
        with TimeLimit(RESOLVE_SECONDS):
            return set("%s:%s" % (entry[4][0], port) for entry in socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_STREAM))
    except (Expired, OSError):
        return set()


def peers_of(processes):
    """Whom these processes are connected to: `10.0.3.4:6379`."""
    peers = set()
    for line in ss("-p", "state", "established").splitlines():
        if set(re.findall(r"\bpid=(\d+)", line)).intersection(processes):
            peers.update(re.sub(r"^\[(?:::ffff:)?([^\]]*)\]", r"\1", peer) for peer in re.findall(r"(\S+:\d+)\s", line)[1:2])
    return peers


def describe_server(port, endpoints):
    processes = processes_at(port)
    programs = [program_of(process) for process in processes]
    first = processes[0] if processes else None
    peers = peers_of(processes)
    nodes = set().union(*map(addresses_of, endpoints))
    return dict(
        units=sorted(set(unit_of(process) or "none" for process in processes)),
        programs=sorted(set(map(os.path.basename, programs))),
        java=next((java for java in map(java_at, programs) if java), None),
        tomcat=tomcat_of(arguments_of(first)) if first else None,
        connected=bool(peers & nodes),
        others=sorted(peer for peer in peers - nodes if peer.rpartition(":")[2] == REDIS_PORT),
        python="%d.%d" % sys.version_info[:2],
    )


def main():
    # A machine of the local cloud has one port, whatever is registered.
    port = int(os.environ.get("HOLDFAST_LOCAL_PORT") or parameter("port", r"[0-9]{1,5}"))
    endpoints = parameter("endpoints", r"(?:[A-Za-z0-9.-]{1,255}:[0-9]{1,5}(?: |$)){0,12}").split()
    try:
        print_result(describe_server(port, endpoints))
    except NoView as error:
        print_result(dict(unread=str(error)))


main()
