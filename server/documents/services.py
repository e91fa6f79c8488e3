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


def triggers_of(service):
    """The sockets, timers and paths that start the service again after a stop, as far as systemd has loaded them: the first keep its port,
    the others start it at their time or for a file. A stop of the service leaves them as they are."""
    shown = systemctl("show", "--no-pager", "--property=TriggeredBy", service).stdout
    names = " ".join(re.findall(r"^TriggeredBy=(.*)$", shown, re.MULTILINE)).split()
    # Sockets first: one is refused once its service runs, which a path can start.
    triggers = [name for name in names if re.fullmatch(r"[A-Za-z0-9@_.:\\-]{1,250}\.(?:socket|timer|path)", name)]
    return sorted(triggers, key=lambda name: (not name.endswith(".socket"), name))


def stop_existing(service):
    """Stops and disables the existing service, and before it what would start it again. Returns their earlier states, for restore_existing."""
    if service is None:
        return None
    units = triggers_of(service) + [service]
    was = dict(
        (unit, dict(active=systemctl("is-active", unit).stdout.strip() == "active", enabled=systemctl("is-enabled", unit).returncode == 0))
        for unit in units
    )
    for unit in units:
        if was[unit]["active"]:
            systemctl("stop", unit)
        if was[unit]["enabled"]:
            systemctl("disable", unit)
    return was


def did_something(was):
    """Whether the existing service, or what starts it, was active or enabled."""
    return was is not None and any(state["active"] or state["enabled"] for state in was.values())


def restore_existing(was):
    """Restores the existing service and what starts it to their earlier states: a socket is refused once its service runs. True if it serves,
    at once or by its socket."""
    serves = False
    for unit, state in was.items():
        if state["enabled"]:
            systemctl("enable", unit)
        started = state["active"] and systemctl("start", unit).returncode == 0
        serves = serves or (started and unit.endswith((".service", ".socket")))
    return serves
