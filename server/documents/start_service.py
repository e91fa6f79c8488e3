# Starts the server's service and watches whether it comes up.
import http.client
import subprocess
import time

from foreign_words import foreign_words, local_url
from instance import SERVICE, health_of, is_healthy, serving_contract, server_port
from journal import FailedAttempt
from port_holder import held_by_another
from probes import http_get
from services import SYSTEMCTL_SECONDS, service_state, systemctl

# An active service that has not yet responded on its load-balancer path is left to the gate, which waits longer.
ANSWER_SECONDS = 15.0


class DidNotStart:
    """Why a service does not run, and what is kept to explain it later. Its text is the reason."""

    def __init__(self, reason, attempt):
        self.reason = reason
        self.attempt = attempt

    def __str__(self):
        return self.reason


def start_and_watch(service=SERVICE):
    """Starts the service. Returns None once it responds or has been active long enough, otherwise why it does not run. Never raises."""
    since = time.time()
    try:
        reason, answer = watch_start(service)
    except Exception as error:
        # A MemoryError too: it must not prevent a rollback.
        reason, answer = "its start could not be watched: %s" % type(error).__name__, None
    if reason is None:
        return None
    attempt = FailedAttempt(service, since, answer)
    return DidNotStart(reason + held_by_another(service, serving_contract), attempt)


def watch_start(service):
    """Why the service does not run, None if it does; and its last answer: URL, status and body."""
    answer = None
    try:
        started = systemctl("start", service)
    except subprocess.TimeoutExpired:
        return "systemctl start did not finish within %d s" % SYSTEMCTL_SECONDS, answer
    if started.returncode != 0:
        return "systemctl start exited with %d: %s" % (started.returncode, foreign_words(started.stdout, 200)), answer
    contract = serving_contract()
    health = health_of(contract)
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        state = service_state(service)
        if state != "active":
            return "the service is %s after its start" % state, answer
        try:
            if health.get("loadBalancer"):
                port = server_port(contract)
                status, body = http_get(port, health["loadBalancer"])
                answer = (local_url(port, health["loadBalancer"]), str(status), body)
                if is_healthy(contract, status):
                    # If another process responds on its port, the service itself can have ended.
                    return (None if service_state(service) == "active" else "the service ended during its health check"), answer
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    return None, answer


def stop_failed(service):
    """Stops a service that did not start. One that takes too long to stop does not prevent that another one is started."""
    try:
        systemctl("stop", service)
    except (OSError, MemoryError, subprocess.TimeoutExpired):
        pass
