"""A Python that has started: it runs scripts as `python3 -I -` does, each in a process of its own that it forks, so that neither the
start nor the imports nor the compiler is waited for once more. A line of JSON for each script, a line of JSON for what came of it.
"""
import importlib
import json
import os
import re
import select
import signal
import sys
import tempfile
import time
import traceback

IMPORTED = re.compile(r"^import ([\w.]+)$", re.MULTILINE)
# Between two looks at the processes that run.
PAUSE_SECONDS = 0.003
compiled = dict()
# By process: what was asked for, its two files and when it is ended.
running = dict()


def compile_script(script):
    """Its modules are loaded here, before the fork. One that cannot be loaded is for the script itself to miss."""
    for module in IMPORTED.findall(script):
        try:
            importlib.import_module(module)
        except ImportError:
            pass
    return compile(script, "<stdin>", "exec")


def run(request, files):
    """In its own process, which ends here."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, file in zip((1, 2), files):
        os.dup2(file.fileno(), number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[:] = ["-"]
    scope = dict(__name__="__main__", __builtins__=__builtins__)
    code = 0
    try:
        exec(compiled[request["script"]], scope)
        exec(compile(request["more"], "<stdin>", "exec"), scope)
    except SystemExit as end:
        code = end.code
        if not isinstance(code, (int, type(None))):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit((code or 0) & 0xFF)


def start(request):
    if "text" in request:
        compiled[request["script"]] = compile_script(request["text"])
    files = (tempfile.TemporaryFile(), tempfile.TemporaryFile())
    process = os.fork()
    if process == 0:
        run(request, files)
    running[process] = (request["id"], files, time.monotonic() + request["limitSeconds"])


def text_of(file):
    file.seek(0)
    with file:
        return file.read().decode("utf-8", "replace")


def collect():
    for process, (number, files, end) in list(running.items()):
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            del running[process]
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            print(json.dumps(dict(id=number, code=code, stdout=text_of(files[0]), stderr=text_of(files[1]))), flush=True)
        elif time.monotonic() > end:
            # With what it has started.
            os.killpg(process, signal.SIGKILL)


def main():
    pending = b""
    while True:
        if select.select([0], [], [], PAUSE_SECONDS if running else None)[0]:
            part = os.read(0, 1024 * 1024)
            if not part:
                break
            *lines, pending = (pending + part).split(b"\n")
            for line in lines:
                start(json.loads(line))
        collect()
    for process in running:
        os.killpg(process, signal.SIGKILL)


main()
