"""
Writes what the application's environment takes from Secrets Manager and Parameter Store, before each of its starts: the session store's
password, the secret of a Tomcat cluster, and the variables of the fleet's list.
"""
import base64
import os
import re
import sys

from environment_sources import LIST, Unreadable, read_list, resolve
from environment_versions import FOLDER, IN_USE, RECORDED, read_versions, write_versions

TARGET = os.path.join(FOLDER, "run", "store.env")
# The values of the last start, of one that failed since.
LAST = TARGET + ".last"


def own_sources():
    """Holdfast's own variables, which the application reads as they are."""
    password, cluster = os.environ.get("STORE_SECRET_ARN"), os.environ.get("CLUSTER_SECRET_ARN")
    return dict(
        ([("SESSION_STORE_PASSWORD", dict(secret=password, key="password"))] if password else [])
        + ([("HOLDFAST_CLUSTER_SECRET", dict(secret=cluster))] if cluster else [])
    )


def last_lines():
    """The lines of the last start by name; none after a boot."""
    for path in (TARGET, LAST):
        try:
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
                return dict((re.sub("^HOLDFAST_(?:VALUE|SECRET)_", "", line.partition("=")[0]), line) for line in file)
        except OSError:
            continue
    return dict()


def line_of(name, value, is_secret):
    """Values of the list in base64, since systemd drops some characters. run-app decodes them."""
    encoded = base64.b64encode(value.encode()).decode()
    return 'HOLDFAST_%s_%s="%s"\n' % ("SECRET" if is_secret else "VALUE", name, encoded)


def own_line(name, value):
    """Raises Unreadable for a value that would be a variable more."""
    if any(ord(character) < 32 for character in value):
        raise Unreadable("%s: its secret has a control character" % name)
    return '%s="%s"\n' % (name, "".join("\\" + character if character in '\\"`$' else character for character in value))


def write_lines(lines):
    temporary = TARGET + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("".join(lines))
    os.replace(temporary, TARGET)


def main():
    own, last, recorded = own_sources(), last_lines(), read_versions(RECORDED)
    used, versions, lines = read_versions(IN_USE), dict(), dict()
    parameter = os.environ.get("ENVIRONMENT_PARAMETER")
    listed = dict()
    unread = dict()
    try:
        if parameter:
            listed, versions[LIST] = read_list(parameter, recorded.get(LIST, ""))
    except Unreadable as error:
        # Those of the last start are the list then.
        versions[LIST] = used.get(LIST, "")
        unread = dict((name, str(error)) for name in last if name not in own) or {LIST: str(error)}
    # Holdfast's own always have the current version: a rollback does not bring back a password that the store knows no more.
    values, others = resolve(dict(listed, **own), dict((name, recorded[name]) for name in recorded if name not in own))
    unread.update(others)
    for name, (value, version, is_secret) in values.items():
        try:
            lines[name] = own_line(name, value) if name in own else line_of(name, value, is_secret)
            versions[name] = "" if name in own else version
        except Unreadable as error:
            unread[name] = str(error)
    missing = [name for name in unread if name not in last]
    for name in sorted(unread):
        # The application can start with the value of its last start: it should not stay down because of it.
        print("%s; %s" % (unread[name], "the application does not start without it" if name in missing else "its last value is used"), file=sys.stderr)
        lines[name] = last.get(name, "")
        versions[name] = used.get(name, "")
    if missing:
        # Without the file the start of the application fails, and is repeated, this script included.
        if os.path.lexists(TARGET):
            os.replace(TARGET, LAST)
        sys.exit(1)
    write_lines(lines[name] for name in sorted(lines))
    write_versions(IN_USE, dict((name, version) for name, version in versions.items() if version))
    if os.path.lexists(LAST):
        os.remove(LAST)


main()
