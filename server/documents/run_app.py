#!/usr/bin/env python3
"""Runs the start command of the current release's contract in its folder, without a shell."""
import base64
import errno
import json
import os
import re
import shutil


def explain(error, program):
    # Without an errno: a NUL, half of a character, or no text.
    code = getattr(error, "errno", None)
    path = program if "/" in program else shutil.which(program)
    there = path is not None and os.path.lexists(path)
    if code in (errno.ENOENT, errno.ENOTDIR) and not there:
        if "/" not in program and os.path.isfile(program):
            return "is in the release, and not in PATH: write ./%s as start" % program
        return "is not %s: install it (runtimePackages), or correct start" % ("in PATH" if "/" not in program else "there")
    if code == errno.ENOENT:
        return "needs a file that is missing: what its first line names (its line ends may be CRLF), its loader, or the end of its link"
    if code == errno.EACCES:
        return "may not be executed by this user: it is a folder, or lacks its executable bit, or its folder or file system (noexec) forbids it"
    if code == errno.ENOEXEC:
        return "is neither a script that begins with #! nor a program for this processor"
    return "cannot be started: %s" % error


def main():
    folder = os.path.realpath(os.path.join(os.environ["HOLDFAST_ROOT"], "current"))
    name = os.path.basename(folder)
    try:
        with open(os.path.join(folder, "holdfast.app.json"), encoding="utf-8") as file:
            contract = json.load(file)
        start = contract["start"]
        program = str(start[0])
        os.chdir(folder)
    except Exception as error:
        raise SystemExit("holdfast: the contract of release %s cannot be read (%r): publish it again." % (name, error)) from None
    for variable, key in (("PORT", "port"), ("STATUS_PORT", "statusPort")):
        if key in contract:
            os.environ.setdefault(variable, str(contract[key]))
    os.environ["HOLDFAST_VERSION"] = name
    # The fleet's variables, as fetch-environment has encoded them.
    for variable in list(os.environ):
        found = re.fullmatch("HOLDFAST_(?:VALUE|SECRET)_(.+)", variable)
        if found:
            os.environb[found.group(1).encode()] = base64.b64decode(os.environ.pop(variable))
    try:
        os.execvp(program, start)
    except Exception as error:
        raise SystemExit("holdfast: %a in holdfast.app.json %s." % (program, explain(error, program))) from None


if __name__ == "__main__":
    main()
