# A limit in time for a request, or for reading a log.
import signal

# Maximum time of one request to the server, from connection to last byte.
HTTP_SECONDS = 2.0
VALID_PATH = r"/[!-~]*"


class Expired(BaseException):
    """A time limit was exceeded. No Exception, which what was under way could take for its own."""


class TimeLimit:
    """Raises Expired in its block when the given number of seconds has passed, even between two slow bytes."""

    def __init__(self, limit_seconds):
        self.limit_seconds = limit_seconds
        self.armed = False

    def __enter__(self):
        signal.signal(signal.SIGALRM, self.expire)
        self.armed = True
        signal.setitimer(signal.ITIMER_REAL, self.limit_seconds)

    def __exit__(self, *_):
        self.armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def expire(self, *_):
        if self.armed:
            raise Expired()
