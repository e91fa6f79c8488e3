# A program of the server, and its text.
import subprocess

JOURNAL_SECONDS = 10


def run_quietly(*command):
    """Standard output of a program; empty when it does not exist, fails or takes too long."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=JOURNAL_SECONDS,
        )
        return done.stdout[-1024 * 1024:].decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""


def shorten(text, limit):
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"
