# Installs the archive that the previous step downloaded into the working directory. Nothing is stopped before the archive
# is verified, and a release that does not start is replaced by the previous one. A restart installs the release that runs once
# more, from its verified archive.
import os
import shutil

from instance import (
    CURRENT, ETC, NO_RELEASE, PLACEHOLDER_SERVICE, PREVIOUS, RELEASES, SERVICE, has_placeholder, optional_parameter, version_of,
)
from services import did_something, existing_service, restore_existing, service_state, stop_existing, systemctl
from environment_versions import IN_USE, LIST, RECORDED, read_versions, write_versions
from start_service import start_and_watch, start_recorded, stop_failed
from journal import evidence
from release_archive import Failure, extract, open_verified
from assets import lay_all
from failed_install import LOCK_SECONDS
from install_order import ARCHIVE, carry_out, check_order, order_parameters, point, remove_old_releases

# Contains the fencing token of the deploy that has restarted the service last.
RESTARTED_BY = os.path.join(ETC, "restarted-by")


def services():
    return [SERVICE, PLACEHOLDER_SERVICE] if has_placeholder() else [SERVICE]


def remove_release(before):
    """Puts the placeholder in the place of the release; starts the release again if the placeholder does not run."""
    systemctl("stop", SERVICE)
    previous = version_of(PREVIOUS)
    point(CURRENT, NO_RELEASE)
    point(PREVIOUS, NO_RELEASE)
    reason = start_and_watch(PLACEHOLDER_SERVICE)
    if reason is None:
        return
    stop_failed(PLACEHOLDER_SERVICE)
    point(CURRENT, before)
    point(PREVIOUS, previous)
    again = start_and_watch() if before != NO_RELEASE else "there was no release"
    end = "%s runs again" % before if again is None else "nothing serves: %s" % again
    serving = before if again is None else None
    raise Failure("ServiceDidNotStart", "the placeholder: %s; %s" % (reason, end), serving, evidence(reason.attempt))


def replace_release(version, incoming, before, recorded):
    """
    Stops, swaps, starts; restores everything if the new release does not run, and only then explains it.
    `recorded` are the versions of secrets and parameters to start with, the current ones where it is empty. Returns what start_recorded says of them.
    """
    existing = existing_service()
    used, pinned = read_versions(IN_USE), read_versions(RECORDED)
    folder = os.path.join(RELEASES, version)
    replaced = os.path.join(RELEASES, ".replaced-%s-%d" % (version, os.getpid()))
    previous = version_of(PREVIOUS)
    for service in services():
        systemctl("stop", service)
    was = stop_existing(existing)
    if os.path.lexists(folder):
        os.rename(folder, replaced)
    os.rename(incoming, folder)
    if before != version:
        point(PREVIOUS, before)
    point(CURRENT, version)
    write_versions(RECORDED, recorded)
    reason, note = start_recorded()
    tried = read_versions(IN_USE)
    if reason is None:
        shutil.rmtree(replaced, ignore_errors=True)
        forget_recorded(used, pinned)
        return note
    stop_failed(SERVICE)
    write_versions(RECORDED, used)
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(replaced):
        os.rename(replaced, folder)
    point(CURRENT, before)
    point(PREVIOUS, previous if os.path.isdir(os.path.join(RELEASES, previous)) else NO_RELEASE)
    message = "%s: %s" % (version, reason)
    serving = None
    if before != NO_RELEASE or has_placeholder():
        service = SERVICE if before != NO_RELEASE else PLACEHOLDER_SERVICE
        name = before if before != NO_RELEASE else "the placeholder"
        again, note = start_recorded() if before != NO_RELEASE else (start_and_watch(service), None)
        serving = before if again is None else None
        if again is None:
            forget_recorded(tried, pinned)
        message += "; %s runs again" % name if again is None else "; %s does not start either: %s" % (name, again)
        message += ": %s" % note if note else ""
    elif did_something(was):
        # The first release on an existing server: its earlier service serves users again.
        serving = existing if restore_existing(was) else None
        message += "; %s runs again" % existing if serving else "; %s is in its earlier state and does not run" % existing
    raise Failure("ServiceDidNotStart", message, serving, evidence(reason.attempt))


def forget_recorded(replaced, pinned):
    """
    Keeps the versions that have replaced another one, now or in a rollback before, with the list that names their sources. Of the others a
    start takes the current ones, once a rotation has made those.
    """
    recorded = read_versions(RECORDED)
    kept = [name for name in recorded if recorded[name] != replaced.get(name) or recorded[name] == pinned.get(name)]
    write_versions(RECORDED, dict((name, recorded[name]) for name in recorded if name in kept or (kept and name == LIST)))


def restarted_by(token):
    """Whether this deploy has restarted the service: a command that comes twice must not interrupt what serves by then."""
    try:
        with open(RESTARTED_BY, encoding="utf-8") as file:
            return file.read().strip() == str(token)
    except OSError:
        return False


def stop_to_restart(token):
    for service in services():
        systemctl("stop", service)
    with open(RESTARTED_BY, "w", encoding="utf-8") as file:
        file.write(str(token))


def environment_result(note=None):
    """Which versions of its secrets and parameters the application runs with."""
    used = read_versions(IN_USE)
    return dict([("environment", used)] if used else [], **(dict(environmentNote=note) if note else dict()))


def install(token, version, sha256, restarts, recorded):
    before = version_of(CURRENT)
    check_order(version, before, restarts)
    is_active = service_state(PLACEHOLDER_SERVICE if version == NO_RELEASE else SERVICE) == "active"
    if before == version and is_active and not (restarts and not restarted_by(token)):
        return dict(result="alreadyInstalled", version=version, **environment_result())
    if version == NO_RELEASE:
        remove_release(before)
        remove_old_releases()
        return dict(result="installed", version=version, previousVersion=before)
    incoming = os.path.join(RELEASES, ".incoming-%s-%d" % (version, os.getpid()))
    try:
        with open_verified(ARCHIVE, sha256) as archive:
            extract(archive, incoming)
        lay_all(incoming, version)
        if restarts:
            stop_to_restart(token)
        used = read_versions(IN_USE)
        note = replace_release(version, incoming, before, recorded)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    remove_old_releases()
    replaced = dict(environmentBefore=used) if used else dict()
    return dict(result="installed", version=version, previousVersion=before, **environment_result(note), **replaced)


def recorded_versions(text):
    """`NAME:VERSION` with commas between."""
    return dict(pair.split(":") for pair in text.split(",")) if text else dict()


def main():
    token, version, sha256, mode = order = order_parameters(r"install|restart")
    recorded = recorded_versions(optional_parameter("environment", r"[A-Za-z0-9_]+:[A-Za-z0-9-]+(?:,[A-Za-z0-9_]+:[A-Za-z0-9-]+)*"))
    carry_out(order, LOCK_SECONDS, lambda: install(token, version, sha256, mode == "restart", recorded))


main()
