# Work on what a release has written, in a process of its own. The kernel ends that process at its limits, whatever it does.
import json
import math
import os
import resource
import select
import signal
import sys
import time

# Everything that the work yields, as JSON, has at most this length.
LONGEST_YIELD = 64 * 1024
# More than what the process has when it begins.
WORK_MEMORY_BYTES = 256 * 1024 * 1024


def in_own_process(processor_seconds, wall_seconds, work):
    """What `work` yields until it ends or a limit ends it, and whether it ended by itself. Never raises."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        reader, writer = os.pipe()
    except OSError:
        return [], False
    try:
        process = os.fork()
    except (OSError, MemoryError):
        os.close(reader)
        os.close(writer)
        return [], False
    if process == 0:
        run_limited(processor_seconds, wall_seconds, work, writer)
    os.close(writer)
    try:
        return read_yields(reader, time.monotonic() + wall_seconds)
    except (OSError, ValueError, MemoryError):
        return [], False
    finally:
        os.close(reader)
        end_process(process)


def limit_memory():
    """Only Linux reports what a process has; another platform gets no limit."""
    try:
        with open("/proc/self/statm") as file:
            most = int(file.read().split()[0]) * resource.getpagesize() + WORK_MEMORY_BYTES
        least = min([most] + [limit for limit in resource.getrlimit(resource.RLIMIT_AS) if limit != resource.RLIM_INFINITY])
        resource.setrlimit(resource.RLIMIT_AS, (least, least))
    except (OSError, ValueError, IndexError, AttributeError):
        pass


def run_limited(processor_seconds, wall_seconds, work, writer):
    """The process itself. A default signal action needs no Python, which a long search would not return to."""
    try:
        # Its programs end with it.
        os.setpgid(0, 0)
        for kind, timer, limit in (
            (signal.SIGALRM, signal.ITIMER_REAL, wall_seconds), (signal.SIGPROF, signal.ITIMER_PROF, processor_seconds),
        ):
            signal.signal(kind, signal.SIG_DFL)
            signal.setitimer(timer, limit)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # For the programs that it starts, which do not inherit timers.
        whole_seconds = math.ceil(processor_seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (whole_seconds, whole_seconds))
        limit_memory()
        # A traceback could quote what was read.
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        for value in work():
            os.write(writer, (json.dumps(value) + "\n").encode())
        os.write(writer, b"\n")
    finally:
        os._exit(0)


def read_yields(reader, deadline):
    """Whole lines until the end of the pipe; an empty one is the end of the work."""
    data = b""
    while len(data) <= LONGEST_YIELD:
        readable, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
        part = os.read(reader, 65536) if readable else b""
        if not part:
            break
        data += part
    lines = data.split(b"\n")[:-1]
    return [json.loads(line) for line in lines if line], b"" in lines


def end_process(process):
    for end in (os.killpg, os.kill):
        try:
            end(process, signal.SIGKILL)
        except OSError:
            # It has ended, or has no group of its own yet.
            pass
    os.waitpid(process, 0)
