#!/usr/bin/env python3
"""Writes the session store's password for the application before each of its starts, so that it uses a rotated one."""
import json
import os
import subprocess
import sys
import time

TARGET = os.path.join(os.environ["HOLDFAST_ROOT"], "run", "store.env")
ATTEMPTS = 3


def fetch(arn):
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(2)
        try:
            done = subprocess.run(
                ["aws", "secretsmanager", "get-secret-value", "--secret-id", arn, "--query", "SecretString", "--output", "text"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=20, universal_newlines=True,
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode == 0:
            return json.loads(done.stdout)["password"]
    return None


def fetch_usable(arn):
    try:
        password = fetch(arn)
    except (ValueError, KeyError, TypeError, OSError):
        return None
    usable = isinstance(password, str) and not any(ord(character) < 32 for character in password)
    return password if usable else None


def main():
    arn = os.environ.get("STORE_SECRET_ARN", "")
    line = ""
    if arn:
        password = fetch_usable(arn)
        if password is None:
            # The application can start with the password of its last start: it should not stay down because of the secret.
            kept = os.path.isfile(TARGET)
            print("the secret of the session store has no usable password, or cannot be read", file=sys.stderr)
            print("the last password is used" if kept else "the application does not start without one", file=sys.stderr)
            sys.exit(0 if kept else 1)
        quoted = "".join("\\" + character if character in '\\"`$' else character for character in password)
        line = 'SESSION_STORE_PASSWORD="%s"\n' % quoted
    temporary = TARGET + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(line)
    os.replace(temporary, TARGET)


main()
