"""Makes this server's CATALINA_BASE below HOLDFAST_DATA and becomes Tomcat, with the release's settings in bin/tomcat.json.

The release is root's and Tomcat runs as the service's user, so all that Tomcat writes is in the base: logs, temp, and
work with its compiled pages, anew at each start. Python 3.9, standard library only. It starts Java itself: the
packages of Amazon Linux and of RHEL have no catalina.sh, and an unpacked archive may have lost its permission bits.
"""
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys

RELEASE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
# Opened to Tomcat as its own catalina.sh does: it clears what an application leaves behind.
OPENED = ("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.util", "java.util.concurrent", "java.rmi/sun.rmi.transport")
ROUTE_KEY_PURPOSE = b"holdfast: session routes in Tomcat's log"


def fail(sentence):
    sys.exit("holdfast: %s Tomcat was not started." % sentence)


def write_private(path, text):
    """Writes a file that only this user can read."""
    temporary = path + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def find_tomcat(settings):
    """CATALINA_HOME: the release's own Tomcat, or the server's."""
    home = settings["home"] or os.path.join(RELEASE, "tomcat")
    if os.access(os.path.join(home, "bin", "bootstrap.jar"), os.R_OK):
        return home
    fail("%s is not Tomcat's home, since it has no bin/bootstrap.jar that this user can read: install Tomcat there (runtimePackages), or set app.home." % home)


def find_java(settings):
    """The program java, and the major version that its home's file `release` names."""
    least = settings["leastJava"]
    home = settings["javaHome"] or os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else shutil.which("java")
    if not java or not os.access(java, os.X_OK):
        where = "%s is no program" % java if java else "there is no java in PATH, and no JAVA_HOME"
        fail("Java %d or later is needed, and %s: install it (runtimePackages: java-17-amazon-corretto-headless), or set app.javaHome." % (least, where))
    version = java_version(java)
    if version is not None and version < least:
        fail("Java %d or later is needed, and %s is Java %d: install a later one, or set app.javaHome." % (least, java, version))
    return java


def java_version(java):
    """None if nothing shows it."""
    try:
        with open(os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(java))), "release"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        done = subprocess.run([java, "-version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
        text = done.stdout.decode("utf-8", "replace").replace("version ", "JAVA_VERSION=", 1)
    found = re.search(r'JAVA_VERSION="(?:1\.)?([0-9]+)', text)
    return int(found.group(1)) if found else None


def java_home(java):
    """As Java itself has it: the program in PATH can be a version manager's shim."""
    command = [java, "-XshowSettings:properties", "-version"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    found = re.search(r"^ *java\.home = (.+)$", done.stdout.decode("utf-8", "replace"), re.MULTILINE)
    return found.group(1).strip() if found else os.path.dirname(os.path.dirname(os.path.realpath(java)))


def route():
    """jvmRoute: names this server in every session id. A dot would end it."""
    name = os.environ.get("HOLDFAST_INSTANCE_ID") or socket.gethostname()
    own = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    # Two names that are cut alike would be one route.
    return own if len(own) <= 64 else "%s-%s" % (own[:47], hashlib.sha256(name.encode("utf-8")).hexdigest()[:16])


def own_web_xml(home):
    """What Tomcat itself sets for every application: JSP and the default servlet."""
    # Debian's and Ubuntu's packages have no conf below their home.
    for folder in ("conf", "etc"):
        path = os.path.join(home, folder, "web.xml")
        if os.access(path, os.R_OK):
            return path
    fail("%s has no conf/web.xml that this user can read: make it readable, or set app.archive." % home)


def make_base(home):
    """A new base with the release's settings. Only the logs stay from an earlier start."""
    data = os.environ.get("HOLDFAST_DATA")
    if not data:
        fail("HOLDFAST_DATA is not set, which names the folder that the application can write to.")
    base = os.path.join(data, "tomcat")
    try:
        for name in ("conf", "work", "temp"):
            shutil.rmtree(os.path.join(base, name), ignore_errors=True)
        for name in ("conf", "work", "temp", "logs"):
            os.makedirs(os.path.join(base, name), mode=0o750, exist_ok=True)
        link = os.path.join(base, "lib")
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(os.path.join(RELEASE, "lib"), link)
        # Tomcat's own, of its version, unless the release brings one.
        shutil.copyfile(own_web_xml(home), os.path.join(base, "conf", "web.xml"))
        # The release's conf can have folders, such as one of keys.
        shutil.copytree(os.path.join(RELEASE, "conf"), os.path.join(base, "conf"), copy_function=shutil.copyfile, dirs_exist_ok=True)
    except OSError as error:
        fail("CATALINA_BASE cannot be made at %s (%s): HOLDFAST_DATA must belong to the user that runs Tomcat." % (base, error))
    return base


def route_key(base):
    """The same on every server of the fleet that has the store's password; without a store, this server's own."""
    password = os.environ.get("SESSION_STORE_PASSWORD")
    kept = os.path.join(base, "route.key")
    if password:
        key = hmac.new(password.encode("utf-8"), ROUTE_KEY_PURPOSE, hashlib.sha256).hexdigest()
    elif os.path.isfile(kept):
        with open(kept, encoding="utf-8") as file:
            key = file.read()
    else:
        key = secrets.token_hex(32)
        write_private(kept, key)
    write_private(os.path.join(base, "conf", "route.key"), key)


def check_cluster(home, least_tomcats):
    # Python is isolated, and finds no neighbour by itself. The release is root's.
    sys.path.append(os.path.join(RELEASE, "bin"))
    sys.dont_write_bytecode = True
    from tomcat_cluster import check_tomcat
    check_tomcat(home, least_tomcats, fail)


def text(value):
    """A YAML text; a dollar sign would begin one of Redisson's own variables."""
    return json.dumps(value).replace("$", "\\u0024")


def redisson(base):
    """redisson.yaml, from the SESSION_STORE_ variables. The password is in no other file of the application's."""
    store = dict((name, os.environ.get("SESSION_STORE_" + name, "")) for name in ("HOST", "PORT", "TLS", "USER", "PASSWORD"))
    if not store["HOST"]:
        fail("Redisson needs the session store, and SESSION_STORE_HOST is not set: this fleet has none.")
    scheme = "rediss" if store["TLS"] == "true" else "redis"
    lines = [
        # Java's own: two releases read each other's sessions when a class with a serialVersionUID gains a field, and what cannot be
        # kept fails where it is set. Redisson's default reads such fields wrongly.
        "codec: !<org.redisson.codec.SerializationCodec> {}",
        "singleServerConfig:",
        "  address: " + text("%s://%s:%s" % (scheme, store["HOST"], store["PORT"] or "6379")),
        "  username: " + text(store["USER"]) if store["USER"] else "",
        "  password: " + text(store["PASSWORD"]) if store["PASSWORD"] else "",
        # A request that finds no store fails after some 6 s, and not after the 12 s of the defaults. Less is too short for the first
        # requests of a server that starts on a busy machine: they wait for connections, of which most are open before they come.
        "  connectTimeout: 2000",
        "  timeout: 3000",
        "  retryAttempts: 1",
        # ElastiCache moves the primary's name to another address at a failover.
        "  dnsMonitoringInterval: 2000",
        "  connectionMinimumIdleSize: 16",
        "  connectionPoolSize: 32",
        "  subscriptionConnectionMinimumIdleSize: 1",
        "  subscriptionConnectionPoolSize: 4",
        # Well below the store's time-out and any firewall's.
        "  pingConnectionInterval: 10000",
        "  keepAlive: true",
        "threads: 8",
        "nettyThreads: 8",
    ]
    write_private(os.path.join(base, "conf", "redisson.yaml"), "\n".join(line for line in lines if line) + "\n")


def local_trust(base, java):
    """Where a certificate authority of its own is given (the local cloud): Java's own authorities and that one."""
    authority = os.environ.get("NODE_EXTRA_CA_CERTS")
    if not authority:
        return []
    with open(authority, "rb") as file:
        name = "cacerts-" + hashlib.sha256(file.read()).hexdigest()[:16]
    trusted = os.path.join(base, name)
    if not os.path.isfile(trusted):
        home = java_home(java)
        shutil.copyfile(os.path.join(home, "lib", "security", "cacerts"), trusted + ".new")
        command = [os.path.join(home, "bin", "keytool"), "-importcert", "-noprompt", "-alias", "holdfast", "-file", authority]
        command += ["-keystore", trusted + ".new", "-storepass", "changeit"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            fail("keytool cannot add %s to Java's authorities: %s" % (authority, done.stdout.decode("utf-8", "replace").strip()))
        os.replace(trusted + ".new", trusted)
    return ["-Djavax.net.ssl.trustStore=" + trusted, "-Djavax.net.ssl.trustStorePassword=changeit"]


def main():
    with open(os.path.join(RELEASE, "bin", "tomcat.json"), encoding="utf-8") as file:
        settings = json.load(file)
    os.umask(0o027)
    home = find_tomcat(settings)
    java = find_java(settings)
    base = make_base(home)
    route_key(base)
    if settings["sessionManager"] == "redisson":
        redisson(base)
    if settings["sessionManager"] == "cluster":
        check_cluster(home, settings["leastTomcats"])
    properties = dict(
        [
            ("catalina.home", home),
            ("catalina.base", base),
            ("java.io.tmpdir", os.path.join(base, "temp")),
            ("java.util.logging.config.file", os.path.join(base, "conf", "logging.properties")),
            ("java.util.logging.manager", "org.apache.juli.ClassLoaderLogManager"),
            ("holdfast.release", RELEASE),
            # Without HOST, Tomcat listens on every IPv4 address, because a load balancer sends requests to the server's own.
            ("holdfast.address", os.environ.get("HOST") or "0.0.0.0"),
            ("holdfast.port", os.environ["PORT"]),
            ("holdfast.statusPort", os.environ.get("STATUS_PORT") or str(settings["statusPort"])),
            ("holdfast.route", route()),
            ("holdfast.keyPrefix", re.sub(":$", "", os.environ.get("SESSION_STORE_KEY_PREFIX", ""))),
        ]
    )
    jars = [os.path.join(home, "bin", jar) for jar in ("bootstrap.jar", "tomcat-juli.jar")]
    command = [java, "-cp", os.pathsep.join(jars + [os.path.join(RELEASE, "bin", "holdfast-log.jar")])]
    command += ["--add-opens=%s=ALL-UNNAMED" % (name if "/" in name else "java.base/" + name) for name in OPENED]
    command += local_trust(base, java) + settings["javaOptions"]
    command += ["-D%s=%s" % item for item in properties.items()]
    command += ["org.apache.catalina.startup.Bootstrap", "start"]
    os.chdir(base)
    os.execv(java, command)


main()
