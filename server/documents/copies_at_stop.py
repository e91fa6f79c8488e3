# Right before the stop of a server: whether other ones hold its sessions.
import time

from instance import NO_RELEASE, current_contract, parameter
from copies import copies_of, describe_copies, watch_copies
from release_archive import Failure
from services import service_state

# Until another server holds each session of the one that is about to stop.
COPIES_SECONDS = 60.0


def check_copies(before):
    """
    How many sessions end with the stop, where servers have copies of each other's; 0, unless the order is to stop nevertheless. A service
    that does not run has no sessions left.
    """
    contract = current_contract()
    copies = copies_of(contract)
    if copies is None or before == NO_RELEASE or service_state() != "active":
        return dict()
    alone, reason = watch_copies(contract, copies, time.monotonic() + COPIES_SECONDS)
    if alone != 0 and parameter("copies", r"require|try") == "require":
        message = "%s; it was not stopped, after %d s" % (describe_copies(alone, reason), COPIES_SECONDS)
        raise Failure("SessionsAlone", message, before)
    return dict() if alone is None else dict(sessionsAlone=alone)
