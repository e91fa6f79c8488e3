# A program of the server, and the end of its text.
import os
import select
import subprocess
import time

JOURNAL_SECONDS = 10
# A service decides what its journal has, up to lines of many megabytes.
KEPT_BYTES = 1024 * 1024


def run_quietly(*command, limit_seconds=JOURNAL_SECONDS):
    """The whole lines in the last KEPT_BYTES of a program's standard output; empty when it does not exist or takes too long. It does not outlive the call."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except (OSError, MemoryError):
        return ""
    try:
        return read_end(process.stdout.fileno(), time.monotonic() + limit_seconds)
    except (OSError, MemoryError, subprocess.TimeoutExpired):
        return ""
    finally:
        process.kill()
        process.stdout.close()
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            # It waits for a disk: the kernel ends it later.
            pass


def read_end(file, deadline):
    """Raises TimeoutExpired."""
    kept = bytearray()
    is_cut = False
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([file], [], [], left)[0]:
            raise subprocess.TimeoutExpired("", 0)
        part = os.read(file, 64 * 1024)
        if not part:
            if is_cut or len(kept) > KEPT_BYTES:
                # The first line's beginning is lost: the rest of a secret in it could not be recognised.
                kept = kept[-KEPT_BYTES:].partition(b"\n")[2]
            return kept.decode("utf-8", "replace")
        kept += part
        if len(kept) > 2 * KEPT_BYTES:
            is_cut = True
            del kept[:-KEPT_BYTES]


def shorten(text, limit):
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"
