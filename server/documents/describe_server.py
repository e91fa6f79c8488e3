# What a server that Holdfast has not set up has at its port: service, Java, Tomcat, the store it is connected to. Only reads, and prints no
# argument or variable of a process but where Java and Tomcat are.
import glob
import io
import os
import re
import shutil
import socket
import stat
import sys
import zipfile

from connections import NoView, at_ports, ss
from instance import parameter
from services import systemctl
from time_limit import Expired, TimeLimit
from words import print_result

RESOLVE_SECONDS = 3.0
TEXT_BYTES = 256 * 1024
# The largest catalina.jar has two million bytes.
JAR_BYTES = 16 * 1024 * 1024
ENTRY_BYTES = 64 * 1024
# The class that Tomcat's own scripts start. An application with a Tomcat in it has a class of its own.
TOMCAT_CLASS = "org.apache.catalina.startup.Bootstrap"
# Applications that come with Tomcat.
STOCK = ("docs", "examples", "manager", "host-manager")
MOST_APPLICATIONS = 20
REDIS_PORT = "6379"


def content_of(path, most):
    """What a file begins with; nothing of a FIFO, which would wait, or of a device, which never ends."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read(most) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""


def text_of(path):
    return content_of(path, TEXT_BYTES).decode("utf-8", "replace")


def processes_at(port):
    """Ids of those that listen there. systemd itself keeps the socket of a service that it has started by one."""
    found = sorted(set(re.findall(r"\bpid=(\d+)", ss("-l", "-p", *at_ports([port])))))
    return [process for process in found if process != "1"] or found


def unit_of(process):
    first = systemctl("status", "--no-pager", "--lines=0", process).stdout.split("\n", 1)[0]
    found = re.search(r"(?:^|\s)([A-Za-z0-9@_.:\\-]{1,200}\.(?:service|scope))(?:\s|$)", first)
    return found.group(1) if found else "none"


def program_of(process):
    try:
        # Of a program that was updated since it was started.
        return re.sub(r" \(deleted\)$", "", os.readlink("/proc/%s/exe" % process))
    except OSError:
        return ""


def java_at(program):
    """Where a Java is, and its main version; None of another program."""
    if os.path.basename(program) != "java":
        return None
    home = os.path.dirname(os.path.dirname(program))
    # Java 8 has its programs in a folder of their own below.
    text = text_of(os.path.join(home, "release")) or text_of(os.path.join(os.path.dirname(home), "release"))
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    version = int(found.group(1)) if found else None
    return dict(home=lasting(home, program, version), version=version)


def lasting(home, program, version):
    """A name of the folder that an update of this Java keeps; None where `java` in PATH is the same program."""
    full = r"\d[.+]\d"
    if not re.search(full, os.path.basename(home)):
        return home
    if os.path.realpath(shutil.which("java") or "") == program:
        return None
    names = [name for name in map(os.path.basename, glob.glob(os.path.join(glob.escape(os.path.dirname(home)), "*"))) if not re.search(full, name)]
    links = [os.path.join(os.path.dirname(home), name) for name in sorted(names) if re.search(r"(?<!\d)%s(?!\d)" % version, name)]
    return next((link for link in links if os.path.realpath(link) == home), home)


def tomcat_of(arguments):
    options = dict(each.split("=", 1) for each in arguments if each.startswith(("-Dcatalina.home=", "-Dcatalina.base=")))
    home = options.get("-Dcatalina.home")
    if TOMCAT_CLASS not in arguments or not home:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content_of(os.path.join(home, "lib", "catalina.jar"), JAR_BYTES))) as jar:
            text = jar.open("org/apache/catalina/util/ServerInfo.properties").read(ENTRY_BYTES).decode("utf-8", "replace")
        found = re.search(r"^server\.number=([0-9.]{1,50})", text, re.MULTILINE)
    # What a damaged archive raises has no name in common.
    except Exception:
        found = None
    applications = applications_in(os.path.join(options.get("-Dcatalina.base", home), "webapps"))
    return dict(home=home, version=found.group(1) if found else None, applications=applications)


def applications_in(folder):
    """Names, as Tomcat gives them to folders and to .war files of several versions."""
    paths = [path for path in glob.glob(os.path.join(glob.escape(folder), "*")) if path.endswith(".war") or os.path.isdir(path)]
    names = set(re.sub(r"##.*|\.war$", "", os.path.basename(path)) for path in paths).difference(STOCK)
    # The welcome page of Tomcat.
    if os.path.exists(os.path.join(folder, "ROOT", "RELEASE-NOTES.txt")):
        names.discard("ROOT")
    return sorted(names)[:MOST_APPLICATIONS]


def addresses_of(endpoint):
    host, _, port = endpoint.rpartition(":")
    try:
        with TimeLimit(RESOLVE_SECONDS):
            return set("%s:%s" % (entry[4][0], port) for entry in socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_STREAM))
    except (Expired, OSError):
        return set()


def peers_of(processes):
    """Whom these processes are connected to: `10.0.3.4:6379`."""
    lines = [line for line in ss("-p", "state", "established").splitlines() if set(re.findall(r"\bpid=(\d+)", line)).intersection(processes)]
    peers = [peer for line in lines for peer in re.findall(r"(\S+:\d+)\s", line)[1:2]]
    return set(re.sub(r"^\[(?:::ffff:)?([^\]]*)\]", r"\1", peer) for peer in peers)


def describe_server(port, endpoints):
    processes = processes_at(port)
    programs = [program_of(process) for process in processes]
    peers = peers_of(processes)
    nodes = set().union(*map(addresses_of, endpoints))
    return dict(
        units=sorted(set(map(unit_of, processes))),
        programs=sorted(set(map(os.path.basename, programs))),
        java=next((java for java in map(java_at, programs) if java), None),
        tomcat=tomcat_of(text_of("/proc/%s/cmdline" % processes[0]).split("\0")) if processes else None,
        connected=bool(peers & nodes),
        others=sorted(peer for peer in peers - nodes if peer.rpartition(":")[2] == REDIS_PORT),
        python="%d.%d" % sys.version_info[:2],
        aws=bool(shutil.which("aws")),
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
