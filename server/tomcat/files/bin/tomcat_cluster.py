"""Whether a Tomcat can be in a cluster, for start-tomcat.py."""
import os
import re
import zipfile

# Tomcat's have less than a kilobyte. check-versions.ts has the same limit.
LONGEST_MANIFEST_BYTES = 65536


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
