# What the scripts that read a server's logs share: their window and budget, and parts that fail alone.
import os
import resource

from instance import parameter
from words import printable
from run_quietly import shorten
from log_files import NoLog, describe_os

# Systems Manager keeps the first 24,000 characters.
LONGEST_OUTPUT = 23000
MEMORY_BYTES = 768 * 1024 * 1024
READ_SECONDS = 10.0


def limit_itself():
    """The server's users come first, and a log must not take its memory."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def window():
    """Begin and end of what is counted."""
    return int(parameter("fromMs", "[0-9]{1,15}")), int(parameter("toMs", "[0-9]{1,15}"))


def is_before(log, from_ms):
    """What was read last is older than what is asked for: by its latest time, since a client can put an old one into a log."""
    return log.block_ms is not None and log.block_ms < from_ms


def attempt(gaps, what, read, *parameters):
    """What one part gives; a part that fails is a gap, and the others go on."""
    try:
        return read(*parameters)
    except NoLog as error:
        gaps.append("%s %s" % (what, error))
    except OSError as error:
        gaps.append("%s: %s" % (what, describe_os(error)))
    except Exception as error:
        # No answer, a contract that was not checked, or a log of another kind.
        gaps.append("%s: %s" % (what, type(error).__name__))
    return None


def shown_gaps(gaps):
    return [shorten(printable(gap), 200) for gap in gaps[:20]]
