# What a server that Holdfast has not set up has at its port: service, Java, Tomcat, the store it is connected to. Only reads, and prints no
# variable of a process, and of its arguments where Java and Tomcat are, sizes of memory, and names.
import glob
import io
import os
import re
import shutil
import socket
import stat
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
MOST_OPTIONS = 30
# Sizes and flags of the Java itself, which hold no secret.
JAVA_FLAG = re.compile(r"-X(?:mx|ms|ss|mn)\d{1,9}[kKmMgG]?|-XX:[+-]?[A-Za-z0-9]{1,60}(?:=[A-Za-z0-9.]{1,20})?")
# What Tomcat's own scripts set.
STOCK_PROPERTY = re.compile(r"catalina\.|java\.(?:io\.tmpdir|awt\.headless|util\.logging|endorsed|protocol\.handler)|(?:ignore\.|jdk\.tls\.|org\.apache\.catalina\.)")
# Where the unit of a release sees nothing.
HIDDEN = ("/home/", "/root/", "/run/user/")
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
    applications = applications_in(options.get("-Dcatalina.base", home))
    properties = set(re.findall(r"^-D([A-Za-z0-9._-]{1,100})(?:=|$)", "\n".join(arguments), re.MULTILINE))
    return dict(
        home=home, version=found.group(1) if found else None, applications=applications,
        flags=[each for each in arguments if JAVA_FLAG.fullmatch(each)][:MOST_OPTIONS],
        properties=sorted(name for name in properties if not STOCK_PROPERTY.match(name))[:MOST_OPTIONS],
    )


def applications_in(base):
    """Names, as Tomcat gives them to folders, to .war files of several versions, and to descriptors of what is elsewhere."""
    below = glob.escape(base)
    paths = [path for path in glob.glob(below + "/webapps/*") if path.endswith(".war") or (os.path.isdir(path) and not is_welcome(path))]
    names = [re.sub(r"##.*|\.(?:war|xml)$", "", os.path.basename(path)) for path in paths + glob.glob(below + "/conf/*/*/*.xml")]
    return sorted(set(names).difference(STOCK))[:MOST_APPLICATIONS]


def is_welcome(folder):
    """Tomcat's own page, of its archive or of Debian's package, which brings it again with each update."""
    page = "" if os.path.exists(folder + "/WEB-INF") else text_of(folder + "/index.html")
    return os.path.exists(folder + "/RELEASE-NOTES.txt") or ("<code>CATALINA_HOME</code>" in page and "/usr/share/tomcat" in page)


def is_closed(path):
    """Whether the service of a release, which runs as a user of its own, cannot read it: Tomcat's archive gives its folders to their owner alone."""
    path, needed = os.path.realpath(path), stat.S_IROTH
    if path.startswith(HIDDEN):
        return True
    try:
        while path != "/":
            if not os.stat(path).st_mode & needed:
                return True
            path, needed = os.path.dirname(path), stat.S_IXOTH
    except OSError:
        pass
    return False


def of_release(programs, tomcat):
    """What it needs of what is there."""
    names = ("bin/bootstrap.jar", "lib/catalina.jar", "conf/web.xml") if tomcat else ()
    return [program for program in programs if program] + [os.path.join(tomcat["home"], name) for name in names]


def addresses_of(endpoint):
    host, _, port = endpoint.rpartition(":")
    try:
        with TimeLimit(RESOLVE_SECONDS):
            return set("%s:%s" % (entry[4][0], port) for entry in socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_STREAM))
    except (Expired, OSError):
        return set()


def processes_in(unit):
    """Others than those that listen: workers of a cluster, and what a process manager has besides."""
    group = systemctl("show", "--property=ControlGroup", "--value", unit).stdout.strip()
    files = ["/sys/fs/cgroup%s%s/cgroup.procs" % (root, group) for root in ("", "/systemd")] if re.fullmatch(r"/\S+", group) else []
    return set(" ".join(map(text_of, files)).split())


def peers_of(processes):
    """Whom these processes are connected to: `10.0.3.4:6379`."""
    lines = [line for line in ss("-p", "state", "established").splitlines() if set(re.findall(r"\bpid=(\d+)", line)).intersection(processes)]
    peers = [peer for line in lines for peer in re.findall(r"(\S+:\d+)\s", line)[1:2]]
    return set(re.sub(r"^\[(?:::ffff:)?([^\]]*)\]", r"\1", peer) for peer in peers)


def describe_server(port, endpoints):
    processes = processes_at(port)
    programs = [program_of(process) for process in processes]
    units = sorted(set(map(unit_of, processes)))
    others = set().union(*map(processes_in, units)).difference(processes)
    peers = peers_of(others.union(processes))
    nodes = set().union(*map(addresses_of, endpoints))
    tomcat = tomcat_of(text_of("/proc/%s/cmdline" % processes[0]).split("\0")) if processes else None
    # In the local cloud all is one user's.
    closed = [] if os.environ.get("HOLDFAST_LOCAL_PORT") else [path for path in of_release(programs, tomcat) if is_closed(path)]
    return dict(
        units=units,
        processes=len(others),
        programs=sorted(set(map(os.path.basename, programs))),
        java=next((java for java in map(java_at, programs) if java), None),
        tomcat=tomcat,
        closed=closed,
        connected=bool(peers & nodes),
        others=sorted(peer for peer in peers - nodes if peer.rpartition(":")[2] == REDIS_PORT),
        # A snap has not the rights in a unit that it needs.
        aws=not os.path.realpath(shutil.which("aws") or "/snap").endswith("/snap"),
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
