#!/usr/bin/env python3
"""Runs the start command of the current release's contract in its folder, without a shell."""
import json
import os

folder = os.path.realpath(os.path.join(os.environ["HOLDFAST_ROOT"], "current"))
with open(os.path.join(folder, "holdfast.app.json"), encoding="utf-8") as file:
    contract = json.load(file)
for variable, key in (("PORT", "port"), ("STATUS_PORT", "statusPort")):
    if key in contract:
        os.environ.setdefault(variable, str(contract[key]))
os.environ["HOLDFAST_VERSION"] = os.path.basename(folder)
os.chdir(folder)
try:
    os.execvp(contract["start"][0], contract["start"])
except FileNotFoundError:
    raise SystemExit("holdfast: %s is not on this server, or not in its PATH: install it (runtimePackages), or correct start in holdfast.app.json." % contract["start"][0]) from None
