#!/usr/bin/env python3
"""
Writes the session store's password, and the secret of a Tomcat cluster, for the application before each of its starts, so that it uses a
rotated password.
"""
import json
import os
import subprocess
import sys
import time

TARGET = os.path.join(os.environ["HOLDFAST_ROOT"], "run", "store.env")
ATTEMPTS = 3
SECRETS = (
    ("SESSION_STORE_PASSWORD", os.environ.get("STORE_SECRET_ARN", ""), lambda answer: json.loads(answer)["password"]),
    ("HOLDFAST_CLUSTER_SECRET", os.environ.get("CLUSTER_SECRET_ARN", ""), lambda answer: answer.strip()),
)


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
            return done.stdout
    return None


def fetch_usable(arn, read):
    try:
        answer = fetch(arn)
        password = None if answer is None else read(answer)
    except (ValueError, KeyError, TypeError, OSError):
        return None
    usable = isinstance(password, str) and not any(ord(character) < 32 for character in password)
    return password if usable else None


def main():
    line = ""
    for variable, arn, read in SECRETS:
        if not arn:
            continue
        password = fetch_usable(arn, read)
        if password is None:
            # The application can start with the password of its last start: it should not stay down because of the secret.
            kept = os.path.isfile(TARGET)
            print("the secret of %s has no usable password, or cannot be read" % ("the session store" if variable == "SESSION_STORE_PASSWORD" else "the cluster"), file=sys.stderr)
            print("the last password is used" if kept else "the application does not start without one", file=sys.stderr)
            sys.exit(0 if kept else 1)
        quoted = "".join("\\" + character if character in '\\"`$' else character for character in password)
        line += '%s="%s"\n' % (variable, quoted)
    temporary = TARGET + ".new"
    if os.path.lexists(temporary):
        os.remove(temporary)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(line)
    os.replace(temporary, TARGET)


main()
