"""Makes a server a member of its Tomcat cluster, for start-tomcat.py."""
import hashlib
import os
import re
import socket
import zipfile

MEMBER = re.compile(r'<Member (className="[^"]*") host="([^"]+)" port="([0-9]+)" (uniqueId="[^"]+")/>')

# Tomcat's have less than a kilobyte. check-versions.ts has the same limit.
LONGEST_MANIFEST_BYTES = 65536


def is_own(address):
    """Whether this machine has the address. In the local cloud all servers are this machine, so a variable names each one's address."""
    named = os.environ.get("HOLDFAST_NODE_ADDRESS")
    if named:
        return named == address
    with socket.socket() as tried, socket.socket(type=socket.SOCK_DGRAM) as routed:
        try:
            tried.bind((address, 0))
            # Nothing is sent. Where addresses that move between machines can be bound beforehand (ip_nonlocal_bind), this shows whose it is.
            routed.connect((address, 9))
        except OSError:
            return False
        return address.startswith("127.") or routed.getsockname()[0] == address


def tomcat_version(home):
    """Such as 10.1.59; None if nothing shows it."""
    try:
        with zipfile.ZipFile(os.path.join(home, "lib", "catalina.jar")) as jar:
            with jar.open("META-INF/MANIFEST.MF") as opened:
                content = opened.read(LONGEST_MANIFEST_BYTES + 1)
        if len(content) > LONGEST_MANIFEST_BYTES:
            return None
        manifest = content.decode("utf-8", "replace")
    except (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zipfile.LargeZipFile):
        return None
    found = re.search(r"^Implementation-Version: ([0-9]+[.][0-9]+[.][0-9]+)", manifest, re.MULTILINE)
    return found.group(1) if found else None


def numbers(version):
    return tuple(int(number) for number in version.split("."))


def check_tomcat(home, least_tomcats, fail):
    """Fails unless this Tomcat drops messages that it cannot decrypt: an older one accepts them from anybody who reaches its port."""
    version = tomcat_version(home)
    for least in least_tomcats:
        if version is not None and numbers(version)[:2] == numbers(least)[:2] and numbers(version) >= numbers(least):
            return
    what = "%s is Tomcat %s" % (home, version) if version else "%s does not show its version in lib/catalina.jar" % home
    fail("%s, and a cluster needs %s or a later one of these branches: install one there, or set app.archive." % (what, ", ".join(least_tomcats)))


def join(base, fail, write_private):
    """Makes this server one of the members that server.xml lists, and writes their key. Returns Tomcat's properties."""
    # Taken out, so that it is not in the environment of Tomcat's process, which applications print and send with errors.
    secret = os.environ.pop("HOLDFAST_CLUSTER_SECRET", None)
    if not secret:
        fail("The servers of a cluster share a secret, and HOLDFAST_CLUSTER_SECRET is not set: deploy the templates of strategy tomcat-cluster, and prepare this server.")
    write_private(os.path.join(base, "conf", "cluster.key"), hashlib.sha256(secret.encode("utf-8")).hexdigest())
    path = os.path.join(base, "conf", "server.xml")
    with open(path, encoding="utf-8") as file:
        server_xml = file.read()
    members = [(found.group(2), found.group(3)) for found in MEMBER.finditer(server_xml)]
    own = [member for member in members if is_own(member[0])]
    if len(own) != 1:
        fail("Of the fleet's nodes (%s) this server has %d addresses, and a member has one: correct existing.nodes, and publish again." % (", ".join(address for address, _ in members), len(own)))
    # In the local cloud all members listen at one address, each at a port of its own.
    everywhere = os.environ.get("HOST") if os.environ.get("HOLDFAST_NODE_ADDRESS") else None

    def placed(found):
        if (found.group(2), found.group(3)) == own[0]:
            return "<LocalMember %s %s/>" % (found.group(1), found.group(4))
        return '<Member %s host="%s" port="%s" %s/>' % (found.group(1), everywhere or found.group(2), found.group(3), found.group(4))

    os.remove(path)
    write_private(path, MEMBER.sub(placed, server_xml))
    others = " ".join("%s:%s" % (everywhere or address, port) for address, port in members if (address, port) != own[0])
    return [("holdfast.clusterAddress", everywhere or own[0][0]), ("holdfast.clusterPort", own[0][1]), ("holdfast.clusterOthers", others)]
