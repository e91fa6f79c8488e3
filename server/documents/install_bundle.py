# Installs a CodeDeploy bundle: it runs the bundle's own scripts as root, and copies its files, as CodeDeploy's agent does. Nothing is stopped
# before the archive is verified and extracted. What fails is not undone here: the deploy orders the previous bundle.
import json
import os
import shutil
import subprocess
import sys

from instance import (
    CURRENT, ETC, NO_RELEASE, PLACEHOLDER_SERVICE, PREVIOUS, RELEASES, describe, has_placeholder, optional_parameter, parse_json, private,
)
from words import printable
from start_service import becomes_up, start_and_watch, stop_failed
from journal import evidence
from release_archive import Failure, extract, open_verified
from failed_install import order_of, remember_result
from user_data_state import boot_id
from install_order import ARCHIVE, carry_out, check_order, order_parameters, point, remove_old_releases
from bundle_hooks import end_cut_off, run_event, scripts_of
from bundle_files import (
    ADOPTED, BUNDLE_FILES, NEWLY_KEPT, check_accounts, differences, enlist, keep, listed_files, permitted, place, planned, refuse_existing,
    refuse_folders, remove_listed, set_aside,
)

# The version whose Install ended last, and whether its ValidateService has, and no later order has begun.
STATE = os.path.join(ETC, "bundle.json")
# The first of two commands that order the same has ended before the agent ends the second one's step.
LONGEST_SECONDS = 172800
CHMOD_SECONDS = 120
STOP = ("AfterBlockTraffic", "ApplicationStop")
# What ends a bundle, and only this, can be gone on after.
STOPS = STOP + ("BeforeBlockTraffic",)
STOP_FAILED = "%s; to go on without it: holdfast deploy VERSION --ignore-application-stop-failures"
START = ("ApplicationStart", "ValidateService")
# Others than these run the scripts of an event alone.
MODES = "install|restart|restore|launch|adopt|adoptDifferences|BeforeBlockTraffic|BeforeAllowTraffic|AfterAllowTraffic|end"
MOST_NAMED_FILES = 10


def read_state():
    """The version whose Install ended last, and whether nothing of it is missing."""
    try:
        with open(STATE, encoding="utf-8") as file:
            state = parse_json(file.read())
        return state["installed"], state["complete"]
    except (OSError, ValueError, LookupError, TypeError):
        return NO_RELEASE, False


def write_state(installed, complete):
    if os.path.exists(BUNDLE_FILES):
        # The list that the next Install removes is on disk before what vouches for it.
        with open(BUNDLE_FILES, "rb") as listed:
            os.fsync(listed.fileno())
    with open(STATE + ".new", "w", opener=private) as file:
        json.dump(dict(installed=installed, complete=complete), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(STATE + ".new", STATE)


def run_events(token, version, events, continues=False):
    for event in events if version != NO_RELEASE else ():
        try:
            run_event(token, version, event)
        except Failure as failure:
            if event not in STOPS:
                raise
            if not continues:
                raise Failure(failure.error, STOP_FAILED % failure, None, failure.evidence) from failure
            print(printable("goes on after a failure: %s" % failure), file=sys.stderr)


def remove_bundle(token, before):
    """Puts the placeholder in the place of the bundle."""
    write_state(before, False)
    run_events(token, before, STOP, True)
    remove_listed()
    point(CURRENT, NO_RELEASE)
    point(PREVIOUS, NO_RELEASE)
    write_state(NO_RELEASE, False)
    reason = start_and_watch(PLACEHOLDER_SERVICE)
    if reason is not None:
        raise Failure("ServiceDidNotStart", "the placeholder: %s" % reason, None, evidence(reason.attempt))


def point_to(version, before):
    if before != version:
        point(PREVIOUS, before)
    point(CURRENT, version)


def replace_bundle(token, version, bundle, before, overwrites, continues):
    """All from the stop of the previous bundle on."""
    write_state(before, False)
    run_events(token, before, STOP, continues)
    run_events(token, version, ("BeforeInstall",))
    try:
        # First what it brought last: a script can have put a link in the place of a folder.
        remove_listed()
        files, folders = planned(os.path.join(RELEASES, version), bundle, os.path.join(ADOPTED, version), None if overwrites else ())
        if overwrites:
            set_aside(files, folders, token)
        place(files, folders, bundle, "OVERWRITE" if overwrites and bundle["fileExists"] == "DISALLOW" else bundle["fileExists"])
    except (OSError, KeyError, Failure) as error:
        # On a full disk a rollback has room.
        remove_listed()
        raise Failure("HookFailed", "%s: Install: %s" % (version, error if isinstance(error, Failure) else describe(error))) from error
    write_state(version, False)
    point_to(version, before)
    run_events(token, version, ("AfterInstall",))
    if has_placeholder():
        stop_failed(PLACEHOLDER_SERVICE)
    run_events(token, version, START)
    write_state(version, True)


def adopt(version, files, before):
    """What the server runs becomes the release: the next Install removes what is there."""
    listed = listed_files()
    with open(BUNDLE_FILES + ".new", "w", opener=private) as file:
        for path in listed + [target for target in files if target not in listed and os.path.lexists(target)]:
            enlist(path, file)
    os.replace(BUNDLE_FILES + ".new", BUNDLE_FILES)
    point_to(version, before)
    write_state(version, True)


def stops_first(before):
    """Whether a script of the previous bundle runs before Install. What it cannot be read for fails the stop itself, or is gone on after."""
    try:
        return before != NO_RELEASE and any(scripts_of(before, event) for event in STOP)
    except Failure:
        return False


def take_over(incoming, version, sha256, mode, overwrites, before):
    """
    Extracts the archive, and finds what can be wrong with it before anything is stopped, unless a script before Install can make way. Returns
    the bundle, and what of it the server has.
    """
    with open_verified(ARCHIVE, sha256) as archive:
        bundle = extract(archive, incoming, True)["bundle"]
    try:
        scripts = sum(bundle["hooks"].values(), [])
        for script in scripts:
            if type(script["timeout"]) is not int or not 0 < script["timeout"] <= 86400:
                raise ValueError("a timeout is not a whole number of seconds from 1 to 86400")
        check_accounts(bundle)
        if any(script.get("runas") not in (None, "", "root") for script in scripts):
            # Its user reaches the script, and cannot change what the archive lets others write.
            subprocess.run(("chmod", "-R", "go-w", incoming), check=True, timeout=CHMOD_SECONDS)
            os.chmod(incoming, 0o711)
        compares, listed = mode.startswith("adopt"), set(listed_files())
        makes_way = compares or overwrites or bundle["hooks"].get("BeforeInstall") or stops_first(before)
        files, folders = planned(incoming, bundle, "" if compares else os.path.join(ADOPTED, version), None if makes_way else listed)
        retains = bundle["fileExists"] == "RETAIN"
        permitted(bundle, set(target for target in files if not retains or target in listed or not os.path.lexists(target)), [])
        if not makes_way and bundle["fileExists"] == "DISALLOW":
            refuse_existing(files, listed, "InvalidRelease")
        elif not makes_way and not retains:
            refuse_folders(sorted(set(files).difference(listed)), "InvalidRelease")
        missing, different = differences(files) if compares else ([], [])
        links = [folder for folder in folders if compares and os.path.islink(folder)]
        if mode == "adoptDifferences":
            # What is behind a link is nobody's whom this can ask.
            different = [path for path in different if not path.startswith(tuple(link + "/" for link in links))]
            keep(different)
    except (OSError, LookupError, ValueError, TypeError, AttributeError, subprocess.SubprocessError) as error:
        raise Failure("InvalidRelease", "the bundle cannot be installed: %s; nothing was changed" % describe(error)) from error
    if mode == "adopt" and missing + different + links:
        named = ["%s is missing" % path for path in missing] + ["%s differs" % path for path in different + links]
        message = "%d of %d files of %s are not those of this server: %s; nothing was changed: publish what runs here, or add --accept-differences"
        raise Failure("FilesDiffer", message % (len(named), len(files), version, ", ".join(named[:MOST_NAMED_FILES])))
    return bundle, files, different


def install(token, version, sha256, mode, continues):
    end_cut_off()
    before, is_complete = read_state()
    done = dict(result="installed", version=version, previousVersion=before)
    if mode not in ("install", "restart", "restore", "launch", "adopt", "adoptDifferences"):
        if mode == "end":
            # A server that comes back from a warm pool is installed anew.
            write_state(before, False)
        run_events(token, before, STOP if mode == "end" else (mode,), continues or mode == "end")
        return dict(done, version=before)
    check_order(version, before, mode == "restart", True)
    is_adoption = mode.startswith("adopt")
    is_whole = before == version and is_complete
    if is_whole and mode != "restart" and (is_adoption or becomes_up(0)):
        return dict(result="alreadyInstalled", version=version)
    if version == NO_RELEASE:
        remove_bundle(token, before)
        remove_old_releases()
        return done
    if is_adoption and has_placeholder():
        message = "this server has Holdfast's placeholder, which would be taken for the application; nothing was changed: deploy a release to it"
        raise Failure("InvalidRelease", message)
    incoming = os.path.join(RELEASES, ".incoming-%s-%d" % (version, os.getpid()))
    # What its image brought is overwritten, and all scripts run: the image can lack what they make. So is what a failed release's scripts made.
    overwrites = mode == "restore" or (mode == "launch" and before == NO_RELEASE)
    try:
        bundle, files, different = take_over(incoming, version, sha256, mode, overwrites, before)
        folder, old = os.path.join(RELEASES, version), incoming + ".old"
        if os.path.lexists(folder):
            os.rename(folder, old)
        os.rename(incoming, folder)
        if is_adoption:
            shutil.rmtree(os.path.join(ADOPTED, version), ignore_errors=True)
        if different and is_adoption:
            os.rename(NEWLY_KEPT, os.path.join(ADOPTED, version))
    finally:
        for path in (incoming, incoming + ".old", NEWLY_KEPT):
            shutil.rmtree(path, ignore_errors=True)
    if is_adoption:
        adopt(version, files, before)
    else:
        replace_bundle(token, version, bundle, before, overwrites, continues)
    remove_old_releases()
    return done


def main():
    token, version, sha256, mode = order_parameters(MODES)
    stop_failure = optional_parameter("stopFailure", "fail|continue") or "fail"
    # A server comes back from a warm pool with the order of its first launch, and with nothing started.
    boot = " " + boot_id() if mode == "launch" else ""
    order = (token, version, sha256, "%s %s%s" % (mode, stop_failure, boot))

    def carried_out():
        try:
            result = install(token, version, sha256, mode, stop_failure == "continue")
        except OSError as error:
            raise Failure("HookFailed", "%s: %s; deploy it or another bundle again" % (version, describe(error))) from error
        remember_result(order_of(*order), result)
        return result
    carry_out(order, LONGEST_SECONDS, carried_out)


main()
