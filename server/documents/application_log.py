# How often the application's log speaks of its session store and of sessions, by category. The lines stay on the server.
import bisect
import re

from run_quietly import run_quietly
from log_times import line_time_ms

JOURNAL_READ_LINES = 20000
# What run_quietly keeps is 1 MiB; without what the journal puts before each line.
JOURNAL_READ_CHARACTERS = 500 * 1000
STORE_WORD = r"(?:redis|valkey|lettuce|jedis|elasticache|session[ _-]?(?:store|lookup)|ioredis)"
TROUBLE = (
    r"(?:refused|timed?[ -]?out|timeout|unreachable|reset|not available|unavailable|cannot connect|unable to connect|closed|no connection|did not answer"
    r"|ECONN\w+|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EPIPE|connection (?:lost|failure|exception|error)|socket hang up|loading)"
)


class Near:
    """Two expressions at most 300 characters apart. As one expression they would take long on a text that repeats the first one."""

    def __init__(self, one, other):
        self.one, self.other = (re.compile("(?i)" + each) for each in (one, other))

    def search(self, line):
        others = [found.span() for found in self.other.finditer(line)]
        begins = [begin for begin, _ in others]
        for found in self.one.finditer(line):
            # Among the others that begin early enough, the last one ends last.
            last = bisect.bisect_right(begins, found.end() + 300) - 1
            if last >= 0 and found.start() - others[last][1] <= 300:
                return True
        return False


class Then:
    """One expression anywhere before another one, or directly before it."""

    def __init__(self, one, other, directly=False):
        self.one, self.other = (re.compile("(?i)" + each) for each in (one, other))
        self.directly = directly

    def search(self, line):
        if self.directly:
            return any(self.other.match(line, found.end()) for found in self.one.finditer(line))
        found = self.one.search(line)
        return bool(found and self.other.search(line, found.end()))


class Either:
    def __init__(self, *expressions):
        self.expressions = expressions

    def search(self, line):
        return any(each.search(line) for each in self.expressions)


# None of them looks further than a bounded number of characters: a client's text stands in many of these lines.
CATEGORIES = dict(
    # By a replica; by a primary with too few replicas, or that cannot save.
    readOnly=re.compile(r"\bREADONLY\b|\bNOREPLICAS\b|\bMISCONF\b"),
    outOfMemory=Either(re.compile(r"\bOOM command not allowed\b"), Then(r"(?-i:\bOOM\b)", "(?-i:maxmemory)")),
    serialization=re.compile(
        r"(?i)de-?serializ|\bserializ\w*(?:exception|error| fail)|failed to serialize|cannot serialize|InvalidClassException|StreamCorruptedException|NotSerializableException"
        r"|session[^\n]{0,90}(?:ClassNotFoundException|cannot be read|unexpected token)"
    ),
    sessionTimeout=Either(
        Then(r"session\w*", r"(?: id)?\s(?:\S+\s){0,3}(?:has |was |is )?(?:expired|timed out|invalidated|no longer valid)", directly=True),
        re.compile(r"(?i)SessionExpired|invalid session"),
    ),
    storeConnection=Either(
        Near(STORE_WORD, TROUBLE),
        re.compile(r"(?i)RedisConnectionFailure|MaxRetriesPerRequest|\b(?:WRONGPASS|NOAUTH|NOPERM|CLUSTERDOWN|MASTERDOWN)\b|max number of clients reached"),
    ),
)
# Tomcat writes it for each attribute that it cannot save when it stops, whatever the release: nobody reads that session again.
AT_STOP = re.compile(r"Cannot serialize session attribute \[")
PLAIN_FRAME = re.compile(r"^\s+at\s|^\s*\.{3} \d+ more|^\s*Caused by:")


class ApplicationLog:
    def __init__(self, from_ms, to_ms):
        self.from_ms = from_ms
        self.to_ms = to_ms
        self.lines = self.dated = self.without_time = self.of_sessions = 0
        # It goes on before what was read, in the time that is counted.
        self.partial = False
        # The latest time in the block that was read last.
        self.block_ms = None
        self.counts = dict.fromkeys(CATEGORIES, 0)
        self.first_ms = dict()
        self.last_ms = dict()

    def take(self, lines):
        """One block of lines, in their order. A line without a time, as in a stack trace, has that of the line before."""
        at = self.block_ms = None
        skips = False
        for line in lines:
            own = line_time_ms(line)
            self.dated += own is not None
            if own is None and at is None:
                self.without_time += 1
                continue
            at = at if own is None else own
            skips = skips if own is None else bool(AT_STOP.search(line))
            self.block_ms = at if self.block_ms is None else max(at, self.block_ms)
            if self.from_ms <= at <= self.to_ms and not skips and not PLAIN_FRAME.match(line):
                self.count(line[:2000], at)

    def count(self, line, at):
        self.lines += 1
        for name, expression in CATEGORIES.items():
            if expression.search(line):
                self.counts[name] += 1
                # Values of a cache can fail to be read too, so lines that name sessions are counted separately.
                self.of_sessions += name == "serialization" and "session" in line.lower()
                self.first_ms[name] = min(at, self.first_ms.get(name, at))
                self.last_ms[name] = max(at, self.last_ms.get(name, at))
                return

    def result(self):
        undated = self.without_time > self.dated
        partial = dict(partial=True, undated=True) if undated else dict(partial=True) if self.partial else dict()
        return dict(self.counts, lines=self.lines, sessionSerialization=self.of_sessions, firstMs=self.first_ms, lastMs=self.last_ms, **partial)


def read_journal(log, service):
    """The service's own output. systemd knows each line's time; where it does not say, the line's own counts."""
    common = ("journalctl", "-u", service, "-n", str(JOURNAL_READ_LINES), "--no-pager", "-q", "--since", "@%.3f" % (log.from_ms / 1000.0))
    text = run_quietly(*common, "-o", "short-unix")
    if text:
        # `1700000000.123456 host unit[1]: message`
        lines = [re.sub(r"^(\d+\.\d+) \S+ [^:]*: ", r"\1 ", line) for line in text.split("\n")]
    else:
        lines = [line for line in run_quietly(*common, "-o", "cat").split("\n") if line]
    log.take(lines)
    log.partial = len(lines) >= JOURNAL_READ_LINES or sum(len(line) + 1 for line in lines) >= JOURNAL_READ_CHARACTERS
