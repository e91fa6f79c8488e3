# What the installers share: the order with its parameters, which is carried out once, and the folders of releases.
import os
import shutil
import stat
import sys

from instance import (
    CURRENT, ETC, NO_RELEASE, PREVIOUS, RELEASES, ROOT, current_contract, fencing_token, has_placeholder, is_stale, lock, parameter, private,
    version_of,
)
from words import print_result
from release_archive import Failure
from user_data_state import NotPrepared, wait_for_user_data
from failed_install import failed_install, order_of, remember_result

# Where the download step puts the archive, whatever its URL.
ARCHIVE = "release.tar.gz"
# A deploy and a launch have waited for user data before.
READY_SECONDS = 60.0
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


def check_order(version, before, restarts, is_bundle=False):
    contract = current_contract()
    if contract and is_bundle != ("bundle" in contract):
        text = "this server has a release of another kind, %s; nothing was changed: return it to its own service first, as docs/uninstall.md shows"
        raise Failure("InvalidRelease", text % version_of(CURRENT))
    if version == NO_RELEASE and not has_placeholder():
        message = "this server has no placeholder, since Holdfast did not launch it; nothing was changed: deploy a release instead"
        raise Failure("InvalidRelease", message)
    if restarts and before != version:
        message = "a restart keeps the release, and this server has %s instead of %s; nothing was changed" % (before, version)
        raise Failure("InvalidRelease", message)


def failed(failure):
    result = dict(result="failed", error=failure.error, message=str(failure), **failure.evidence)
    if failure.serving is not None:
        result["serving"] = failure.serving
    return result


def install_once(order, lock_seconds, install):
    """Installs what is ordered. Run Command can bring an order twice; the deploy registers the server with its previous release as soon
    as one of the two has failed, so that the other one must not stop it again: it gets the same result."""
    os.makedirs(RELEASES, exist_ok=True)
    for folder in (ROOT, ETC, RELEASES):
        check_folder(folder)
    with open(os.path.join(ETC, "install.lock"), "w", opener=private) as file:
        lock(file, lock_seconds)
        if is_stale(order[0]):
            raise Failure("StaleFencingToken", "a deploy with a fencing token above %d works on this instance" % order[0])
        known = failed_install(order_of(*order))
        if known is not None and known.get("final"):
            return known["result"]
        # Where a killed install filled the disk, the next one has room.
        for name in os.listdir(RELEASES):
            if name.startswith(".incoming-"):
                shutil.rmtree(os.path.join(RELEASES, name), ignore_errors=True)
        try:
            return install()
        except Failure as failure:
            result = failed(failure)
            remember_result(order_of(*order), result)
            return result


def order_parameters(modes):
    """Fencing token, version, SHA-256 and mode."""
    return (
        fencing_token(), parameter("version", r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}"), parameter("sha256", r"[0-9a-f]{64}"),
        parameter("mode", modes),
    )


def carry_out(order, lock_seconds, install):
    """Prints the one line of the result, and ends with 1 if it is a failure."""
    # The service runs as another user and must be able to read the files.
    os.umask(0o022)
    try:
        phase = wait_for_user_data(READY_SECONDS)
        if phase is not None:
            raise NotPrepared("user data is still %s after %d s" % (phase, READY_SECONDS))
        result = install_once(order, lock_seconds, install)
    except NotPrepared as failure:
        result = dict(result="failed", error="NotPrepared", message=str(failure))
        remember_result(order_of(*order), result)
    except Failure as failure:
        result = failed(failure)
    finally:
        if os.path.isfile(ARCHIVE):
            os.remove(ARCHIVE)
    print_result(result)
    if result["result"] == "failed":
        sys.exit(1)
