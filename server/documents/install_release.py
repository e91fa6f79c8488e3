# Installs the archive that the previous step downloaded into the working directory. Nothing is stopped before the archive
# is verified, and a release that does not start is replaced by the previous one. A restart installs the release that runs once
# more, from its verified archive.
import os
import shutil
import stat
import sys

from instance import (
    CURRENT, ETC, NO_RELEASE, PLACEHOLDER_SERVICE, PREVIOUS, RELEASES, ROOT, SERVICE, fencing_token, has_placeholder, is_stale, lock,
    optional_parameter, parameter, version_of,
)
from words import print_result
from services import did_something, existing_service, restore_existing, service_state, stop_existing, systemctl
from environment_versions import IN_USE, RECORDED, read_versions, write_versions
from start_service import start_and_watch, start_recorded, stop_failed
from copies_at_stop import check_copies
from journal import evidence
from release_archive import Failure, extract, open_verified
from assets import lay_all
from user_data_state import NotPrepared, wait_for_user_data
from failed_install import LOCK_SECONDS, failed_install, order_of, remember_failure

# Where the download step puts the archive, whatever its URL.
ARCHIVE = "release.tar.gz"
# A deploy and a launch have waited for user data before.
READY_SECONDS = 60.0
# Contains the fencing token of the deploy that has restarted the service last.
RESTARTED_BY = os.path.join(ETC, "restarted-by")
KEPT_RELEASES = 3


def check_folder(path):
    """Refuses a folder that others can write to: they could exchange what was verified, or lead it elsewhere by a link."""
    state = os.lstat(path)
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o022:
        message = "%s is not a folder of root's that only root can write to: run chown root and chmod go-w on it" % path
        raise Failure("UnsafeFolder", message)


def point(link, version):
    """Points `link` to a release atomically; removes it for NO_RELEASE."""
    if version == NO_RELEASE:
        if os.path.lexists(link):
            os.remove(link)
        return
    temporary = link + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    os.symlink(os.path.join("releases", version), temporary)
    os.replace(temporary, link)


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
    used = read_versions(IN_USE)
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
    if reason is None:
        shutil.rmtree(replaced, ignore_errors=True)
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
        message += "; %s runs again" % name if again is None else "; %s does not start either: %s" % (name, again)
        message += ": %s" % note if note else ""
    elif did_something(was):
        # The first release on an existing server: its earlier service serves users again.
        serving = existing if restore_existing(was) else None
        message += "; %s runs again" % existing if serving else "; %s is in its earlier state and does not run" % existing
    raise Failure("ServiceDidNotStart", message, serving, evidence(reason.attempt))


def remove_old_releases():
    """Keeps the current release, the previous one and the newest of the rest; removes leftovers of interrupted runs."""
    needed = set([version_of(CURRENT), version_of(PREVIOUS)])
    rest = []
    for name in os.listdir(RELEASES):
        path = os.path.join(RELEASES, name)
        if name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)
        elif name not in needed:
            rest.append((os.stat(path).st_mtime, path))
    kept = KEPT_RELEASES - len(needed - set([NO_RELEASE]))
    for _, path in sorted(rest, reverse=True)[max(kept, 0):]:
        shutil.rmtree(path, ignore_errors=True)


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


def failed(failure):
    result = dict(result="failed", error=failure.error, message=str(failure), **failure.evidence)
    if failure.serving is not None:
        result["serving"] = failure.serving
    return result


def environment_result(note=None):
    """Which versions of its secrets and parameters the application runs with."""
    used = read_versions(IN_USE)
    return dict([("environment", used)] if used else [], **(dict(environmentNote=note) if note else dict()))


def install_once(token, version, sha256, mode, recorded):
    """Installs what is ordered. Run Command can bring an order twice; the deploy registers the server with its previous release as soon
    as one of the two has failed, so that the other one must not stop it again: it gets the same result."""
    os.makedirs(RELEASES, exist_ok=True)
    for folder in (ROOT, ETC, RELEASES):
        check_folder(folder)
    with open(os.path.join(ETC, "install.lock"), "w") as file:
        lock(file, LOCK_SECONDS)
        if is_stale(token):
            raise Failure("StaleFencingToken", "a deploy with a fencing token above %d works on this instance" % token)
        order = order_of(token, version, sha256, mode)
        known = failed_install(order)
        if known is not None and known.get("final"):
            return known["result"]
        try:
            return install(token, version, sha256, mode == "restart", recorded)
        except Failure as failure:
            result = failed(failure)
            remember_failure(order, result)
            return result


def install(token, version, sha256, restarts, recorded):
    before = version_of(CURRENT)
    if version == NO_RELEASE and not has_placeholder():
        message = "this server has no placeholder, since Holdfast did not launch it; nothing was changed: deploy a release instead"
        raise Failure("InvalidRelease", message)
    if restarts and before != version:
        message = "a restart keeps the release, and this server has %s instead of %s; nothing was changed" % (before, version)
        raise Failure("InvalidRelease", message)
    is_active = service_state(PLACEHOLDER_SERVICE if version == NO_RELEASE else SERVICE) == "active"
    if before == version and is_active and not (restarts and not restarted_by(token)):
        return dict(result="alreadyInstalled", version=version, **environment_result())
    if version == NO_RELEASE:
        copied = check_copies(before)
        remove_release(before)
        remove_old_releases()
        return dict(result="installed", version=version, previousVersion=before, **copied)
    incoming = os.path.join(RELEASES, ".incoming-%s-%d" % (version, os.getpid()))
    try:
        with open_verified(ARCHIVE, sha256) as archive:
            extract(archive, incoming)
        lay_all(incoming, version)
        copied = check_copies(before)
        if restarts:
            stop_to_restart(token)
        used = read_versions(IN_USE)
        note = replace_release(version, incoming, before, recorded)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    remove_old_releases()
    replaced = dict(environmentBefore=used) if used else dict()
    return dict(result="installed", version=version, previousVersion=before, **copied, **environment_result(note), **replaced)


def recorded_versions(text):
    """`NAME:VERSION` with commas between."""
    return dict(pair.split(":") for pair in text.split(",")) if text else dict()


def main():
    token = fencing_token()
    version = parameter("version", r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")
    sha256 = parameter("sha256", r"[0-9a-f]{64}")
    mode = parameter("mode", r"install|restart")
    recorded = recorded_versions(optional_parameter("environment", r"[A-Za-z0-9_]+:[A-Za-z0-9-]+(?:,[A-Za-z0-9_]+:[A-Za-z0-9-]+)*"))
    # The service runs as another user and must be able to read the files.
    os.umask(0o022)
    try:
        phase = wait_for_user_data(READY_SECONDS)
        if phase is not None:
            raise NotPrepared("user data is still %s after %d s" % (phase, READY_SECONDS))
        result = install_once(token, version, sha256, mode, recorded)
    except NotPrepared as failure:
        result = dict(result="failed", error="NotPrepared", message=str(failure))
        remember_failure(order_of(token, version, sha256, mode), result)
    except Failure as failure:
        result = failed(failure)
    finally:
        if os.path.isfile(ARCHIVE):
            os.remove(ARCHIVE)
    print_result(result)
    if result["result"] == "failed":
        sys.exit(1)


main()
