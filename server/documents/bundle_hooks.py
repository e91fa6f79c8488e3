# Runs the scripts of a CodeDeploy bundle as CodeDeploy's agent does, and quotes the end of the log of one that fails.
import ctypes
import errno
import os
import pwd
import re
import signal
import subprocess
import time

from instance import ETC, RELEASES, ROOT, describe, environment_value, private, read_contract
from foreign_words import service_redactor
from journal import EXPLANATION_PROCESSOR_SECONDS, EXPLANATION_SECONDS, JOURNAL_CHARACTERS, JOURNAL_LINES, LONGEST_JOURNAL_LINE
from limited_process import in_own_process
from release_archive import Failure
from run_quietly import KEPT_BYTES, read_end, shorten
from start_service import read_process

BUNDLE_FOLDER = "bundle"
BUNDLE_LOGS = os.path.join(ROOT, "log", "bundle")
KEPT_LOGS = 20
# The process group of the script that runs, and its DEPLOYMENT_ID.
RUNNING = os.path.join(ETC, "bundle-script")
PROFILE_SECONDS = 30
# Between TERM and KILL.
TERM_SECONDS = 10.0
# Only a test and the local cloud have another root than `/`.
SERVER_ROOT = ROOT[: -len("/opt/holdfast")] if ROOT.endswith("/opt/holdfast") else ""


def on_server(path):
    """A path of the appspec, on this server."""
    return SERVER_ROOT + os.path.normpath("/" + path.lstrip("/"))


def in_bundle(folder, path):
    """A path of the appspec in the extracted bundle, which no link leads out of. As for the agent, a `/` before it means the same."""
    bundle = os.path.realpath(os.path.join(folder, BUNDLE_FOLDER))
    found = os.path.join(bundle, path.strip("/"))
    if (os.path.realpath(found) + "/").startswith(bundle + "/") and os.path.lexists(found):
        return found
    raise FileNotFoundError(errno.ENOENT, "the bundle has no such file", path)


def scripts_of(version, event):
    """Raises Failure."""
    try:
        return read_contract(os.path.join(RELEASES, version))["bundle"]["hooks"].get(event, [])
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Failure("HookFailed", "the scripts of %s of %s cannot be read: %s" % (event, version, describe(error))) from error


def run_event(token, version, event):
    """Runs an event's scripts in their order. Raises Failure for the first that fails."""
    folder = os.path.join(RELEASES, version)
    scripts = scripts_of(version, event)
    if not scripts:
        return
    os.makedirs(BUNDLE_LOGS, mode=0o700, exist_ok=True)
    for old in sorted((os.path.join(BUNDLE_LOGS, name) for name in os.listdir(BUNDLE_LOGS)), key=os.path.getmtime)[:1 - KEPT_LOGS]:
        os.remove(old)
    path = os.path.join(BUNDLE_LOGS, "%d-%s.log" % (token, event))
    with open(path, "ab", opener=private) as log:
        for script in scripts:
            begin = os.path.getsize(path)
            try:
                reason = run_script(token, folder, event, script, log)
            except (OSError, LookupError, ValueError, TypeError, AttributeError, subprocess.SubprocessError) as error:
                reason = "cannot be run: %s" % describe(error)
            if reason:
                quoted, _ = in_own_process(EXPLANATION_PROCESSOR_SECONDS, EXPLANATION_SECONDS, lambda: end_of_log(path, begin))
                text = "%s: %s of %s %s; its log is %s on the server" % (version, script.get("location"), event, reason, path)
                raise Failure("HookFailed", text, None, dict(journal=quoted[0]) if quoted and quoted[0] else None)


def profile_environment():
    """The names and values that a script finds: unlike this agent's service, CodeDeploy's exports all that /etc/profile sets."""
    # Some profiles end a shell that is not interactive.
    command = 'exec 3>&1 >/dev/null 2>&1; trap "env -0 >&3" EXIT; [ -f "$0/etc/profile" ] && . "$0/etc/profile"'
    try:
        options = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=PROFILE_SECONDS)
        printed = os.fsdecode(subprocess.run(("bash", "-a", "-c", command, SERVER_ROOT), **options).stdout)
    except (OSError, subprocess.SubprocessError):
        printed = ""
    return [tuple(line.split("=", 1)) for line in printed.split("\0") if "=" in line] or list(os.environ.items())


def run_script(token, folder, event, script, log):
    """Runs one to its end, or to its time-out. Returns why it failed."""
    path = in_bundle(folder, script["location"])
    runas = script.get("runas")
    # The agent sets missing run bits. Another user has to read what it runs, too.
    mode = os.stat(path).st_mode & 0o777
    if runas and pwd.getpwnam(runas).pw_uid != os.geteuid():
        os.chmod(path, mode | 0o555)
    elif not mode & 0o111:
        os.chmod(path, mode | 0o111)
    application, group = environment_value("HOLDFAST_APPLICATION_NAME"), environment_value("HOLDFAST_DEPLOYMENT_GROUP_NAME")
    environment = dict((name, value) for name, value in profile_environment() if not name.startswith("SSM_"))
    environment.update(
        LIFECYCLE_EVENT=event, DEPLOYMENT_ID="d-%d" % token, APPLICATION_NAME=application, DEPLOYMENT_GROUP_NAME=group,
        DEPLOYMENT_GROUP_ID="%s/%s" % (application, group),
    )
    account = dict()
    if runas:
        user = pwd.getpwnam(runas)
        environment.update(HOME=user.pw_dir, USER=runas, LOGNAME=runas, SHELL=user.pw_shell)
        if user.pw_uid != os.geteuid():
            account = dict(user=user.pw_uid, group=user.pw_gid, extra_groups=os.getgrouplist(runas, user.pw_gid))
    # Its output goes to a file: unlike the agent's pipes, nothing waits for what it leaves running.
    with open(RUNNING, "w", opener=private) as running:
        options = dict(
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=SERVER_ROOT or "/", env=environment, start_new_session=True,
            preexec_fn=lambda: begin_script(running.fileno(), environment["DEPLOYMENT_ID"]), **account
        )
        try:
            process = subprocess.Popen([path], **options)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # Without `#!` in its first line.
            process = subprocess.Popen(["/bin/sh", path], **options)
    try:
        code = process.wait(script["timeout"])
    except BaseException as error:
        end_group(process)
        if isinstance(error, subprocess.TimeoutExpired):
            return "did not end within %d s" % script["timeout"]
        raise
    finally:
        os.remove(RUNNING)
    return ("was ended by signal %d" % -code if code < 0 else "exited with %d" % code) if code else None


def begin_script(running, deployment):
    """A script does not go on when this process is killed: the next order must not meet it, and ends what it started."""
    os.ftruncate(running, 0)
    os.pwrite(running, ("%d %s" % (os.getpid(), deployment)).encode(), 0)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(1, signal.SIGKILL)


def end_cut_off():
    """Ends what a script started whose order was cut off."""
    try:
        with open(RUNNING, encoding="utf-8") as file:
            group, deployment = file.read().split()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if read_process(pid, "stat").rpartition(")")[2].split()[2:3] == [group] and "DEPLOYMENT_ID=%s\0" % deployment in read_process(pid, "environ"):
                os.killpg(int(group), signal.SIGKILL)
                break
        os.remove(RUNNING)
    except (OSError, ValueError):
        pass


def end_group(process):
    deadline = time.monotonic() + TERM_SECONDS
    end = signal.SIGTERM
    try:
        while True:
            os.killpg(process.pid, end)
            # Signal 0 only finds out whether one of the group still runs.
            end = 0
            process.poll()
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
                break
            time.sleep(0.1)
    except ProcessLookupError:
        pass
    try:
        process.wait(TERM_SECONDS)
    except subprocess.TimeoutExpired:
        # It waits for a disk: the kernel ends it later.
        pass


def end_of_log(path, begin):
    """The last lines that a script wrote, without secrets and the commands that `set -x` writes."""
    redactor = service_redactor(dict())
    with open(path, "rb", buffering=0) as log:
        log.seek(max(begin, os.path.getsize(path) - 3 * KEPT_BYTES))
        lines = [line for line in read_end(log.fileno(), time.monotonic() + EXPLANATION_SECONDS).split("\n") if re.search(r"^(?!\+).*?\w", line)]
    quoted = [shorten(redactor.line(line), LONGEST_JOURNAL_LINE) for line in lines[-JOURNAL_LINES:]]
    while sum(map(len, quoted)) > JOURNAL_CHARACTERS:
        quoted.pop(0)
    yield quoted
