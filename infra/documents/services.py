# The services of a server, by systemctl: the releases' own, and the one that used the port before Holdfast.
import os
import re
import subprocess

from instance import ETC, SERVICE

SYSTEMCTL_SECONDS = 120
# Contains the name of the service that used the port before Holdfast, if there was one.
REPLACES_SERVICE = os.path.join(ETC, "replaces-service")


def systemctl(*arguments):
    return subprocess.run(
        ("systemctl",) + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SYSTEMCTL_SECONDS, universal_newlines=True,
    )


def service_state(service=SERVICE):
    return systemctl("is-active", service).stdout.strip()


def existing_service():
    """The service that used the port before Holdfast; None without one."""
    try:
        with open(REPLACES_SERVICE, encoding="utf-8") as file:
            name = file.read().strip()
    except OSError:
        return None
    return name if re.fullmatch(r"[A-Za-z0-9@_.:-]{1,200}\.service", name) else None


def stop_existing(service):
    """Stops and disables the existing service. Returns its earlier state, for restore_existing."""
    if service is None:
        return None
    was = dict(
        active=systemctl("is-active", service).stdout.strip() == "active",
        enabled=systemctl("is-enabled", service).returncode == 0,
    )
    if was["active"]:
        systemctl("stop", service)
    if was["enabled"]:
        systemctl("disable", service)
    return was


def restore_existing(service, was):
    """Restores the existing service to its earlier state. True if it runs."""
    if was["enabled"]:
        systemctl("enable", service)
    return was["active"] and systemctl("start", service).returncode == 0
