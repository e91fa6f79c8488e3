"""
Writes what the application's environment takes from Secrets Manager and Parameter Store, before each of its starts: the session store's
password, and the variables of the fleet's list.
"""
import base64
import os
import re
import sys
import time

from environment_sources import Unreadable, read_list, resolve
from environment_versions import FOLDER, IN_USE, INSTALLING, LIST, NO_LIST, RECORDED, read_versions, write_versions

RUN = os.path.join(FOLDER, "run")
TARGET = os.path.join(RUN, "store.env")
# What the application was started with last.
LAST = os.path.join(RUN, "last.env")
# Every secret since the boot: logs can still have an earlier one, which is masked by this.
KNOWN = os.path.join(RUN, "known.env")
MOST_KNOWN = 1000
# An install that was killed has left its mark.
LONGEST_INSTALL_SECONDS = 900


def own_sources():
    """Holdfast's own variables, which the application reads as they are."""
    password = os.environ.get("STORE_SECRET_ARN")
    return dict(SESSION_STORE_PASSWORD=dict(secret=password, key="password")) if password else dict()


def lines_in(path):
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
            return list(file)
    except OSError:
        return []


def name_of(line):
    return re.sub("^HOLDFAST_(?:VALUE|SECRET)_", "", line.partition("=")[0])


def line_of(name, value, is_secret):
    """Values of the list in base64, since systemd drops some characters. run-app decodes them."""
    encoded = base64.b64encode(value.encode()).decode()
    return 'HOLDFAST_%s_%s="%s"\n' % ("SECRET" if is_secret else "VALUE", name, encoded)


def own_line(name, value):
    """Raises Unreadable for a value that would be a variable more."""
    if any(ord(character) < 32 for character in value):
        raise Unreadable("%s cannot be used: its secret has a control character" % name)
    return '%s="%s"\n' % (name, "".join("\\" + character if character in '\\"`$' else character for character in value))


def write_lines(path, lines):
    temporary = path + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("".join(lines))
    os.replace(temporary, path)


def is_installing():
    try:
        return time.time() - os.lstat(INSTALLING).st_mtime < LONGEST_INSTALL_SECONDS
    except OSError:
        return False


def main():
    os.makedirs(os.path.realpath(RUN), mode=0o700, exist_ok=True)
    own, last = own_sources(), dict((name_of(line), line) for line in lines_in(LAST))
    used, recorded, installing = read_versions(IN_USE), read_versions(RECORDED), is_installing()
    parameter = os.environ.get("ENVIRONMENT_PARAMETER")
    listed, lines, unread = dict(), dict(), dict()
    versions = dict([(LIST, NO_LIST)]) if parameter else dict()
    try:
        if parameter and recorded.get(LIST) != NO_LIST:
            listed, versions[LIST] = read_list(parameter, recorded.get(LIST, ""))
    except Unreadable as error:
        unread[LIST] = str(error)
    # Holdfast's own always have the current version: a rollback does not bring back a password that the store knows no more.
    values, others = resolve(dict(listed, **own), dict((name, recorded[name]) for name in recorded if name not in own))
    unread.update(others)
    for name, (value, version, is_secret) in values.items():
        try:
            lines[name] = own_line(name, value) if name in own else line_of(name, value, is_secret)
            versions[name] = "" if name in own else version
        except Unreadable as error:
            unread[name] = str(error)

    def stands_in(name):
        """Whether the last value will do: an install starts with what was ordered, or not at all."""
        return name in last and (name in own or (used.get(name) == recorded[name] if name in recorded else not installing))

    missing = [name for name in unread if not stands_in(name)]
    whole = bool(missing and last) and (dict(used, **recorded) == used if recorded else not installing)
    for name in sorted(unread):
        end = "the application does not start without it" if name in missing and not whole else "the last start's is used"
        print("%s; %s" % (unread[name], end), file=sys.stderr)
        lines[name], versions[name] = last.get(name, ""), used.get(name, "")
    if missing and not whole:
        # Without the file the start of the application fails, and is repeated, this script included.
        if os.path.lexists(TARGET):
            os.remove(TARGET)
        sys.exit(1)
    if whole:
        lines, versions = dict(last, **dict((name, lines[name]) for name in own)), used
    known = lines_in(KNOWN)
    secret = [line for name, line in lines.items() if (name in own or line.startswith("HOLDFAST_SECRET_")) and line not in known]
    if secret:
        write_lines(KNOWN, (known + secret)[-MOST_KNOWN:])
    for path in (LAST, TARGET):
        write_lines(path, [lines[name] for name in sorted(lines)])
    write_versions(IN_USE, dict((name, version) for name, version in versions.items() if version))


main()
