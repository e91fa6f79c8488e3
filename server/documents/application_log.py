# How often the application's log speaks of its session store and of sessions, by category. The lines stay on the server.
import re

from instance import SERVICE
from run_quietly import run_quietly
from log_categories import CATEGORIES
from log_entries import entries_of
from log_forms import Forms
from log_part import READ_SECONDS, is_before
from log_times import MINUTE_MS, MOST_MINUTES, line_time_ms
from log_values import add
from time_limit import Expired, TimeLimit

JOURNAL_READ_LINES = 20000
# What run_quietly keeps is 1 MiB; without what the journal puts before each line.
JOURNAL_READ_CHARACTERS = 500 * 1000
# Tomcat writes it for each attribute that it cannot save when it stops, whatever the release: nobody reads that session again.
AT_STOP = re.compile(r"Cannot serialize session attribute \[")


class ApplicationLog:
    def __init__(self, from_ms, to_ms, own=None):
        """`own`: trouble_of the server's store."""
        self.from_ms = from_ms
        self.to_ms = to_ms
        self.lines = self.dated = self.without_time = 0
        # It goes on before what was read, in the time that is counted.
        self.partial = False
        # The latest time in the block that was read last.
        self.block_ms = None
        self.counts = dict.fromkeys(CATEGORIES, 0)
        self.first_ms = dict()
        self.last_ms = dict()
        self.minutes = dict()
        self.forms = Forms(own)

    def take(self, lines, is_stamped=False):
        """One block of lines, in their order. `is_stamped`: systemd has put the time before each of them."""
        self.block_ms = None
        for entry in entries_of(lines, self.time_of, is_stamped):
            if entry is None:
                self.without_time += 1
            elif self.from_ms <= entry.at <= self.to_ms:
                self.count(entry)

    def time_of(self, line):
        at = line_time_ms(line)
        if at is not None:
            self.dated += 1
            self.block_ms = at if self.block_ms is None else max(at, self.block_ms)
        return at

    def count(self, entry):
        if AT_STOP.search(entry.head):
            return
        self.lines += 1
        name, at = self.forms.take(entry), entry.at
        if name is not None:
            self.counts[name] += 1
            self.first_ms[name] = min(at, self.first_ms.get(name, at))
            self.last_ms[name] = max(at, self.last_ms.get(name, at))
            add(self.minutes.setdefault(name, dict()), at // MINUTE_MS)

    def result(self, since_ms=None, redactor=None):
        """`redactor`: None where nobody asks for what is new since a time."""
        undated = self.without_time > self.dated
        partial = dict(partial=True, undated=True) if undated else dict(partial=True) if self.partial else dict()
        minutes = dict((name, sorted(counts.items())[-MOST_MINUTES:]) for name, counts in self.minutes.items())
        forms = None if redactor is None or undated else self.forms.rows(since_ms, redactor)
        partial = partial if forms is None else dict(partial, forms=forms)
        times = dict(firstMs=self.first_ms, lastMs=self.last_ms, minutes=minutes)
        return dict(self.counts, lines=self.lines, **times, **partial)


def read_application(log, contract, reading):
    """Of the release's contract, from the end. Raises NoLog, OSError."""
    path = (contract.get("logs") or dict()).get("application")
    try:
        with TimeLimit(READ_SECONDS):
            if path is None:
                read_journal(log, SERVICE)
            else:
                for lines in reading.blocks(path, log.from_ms):
                    log.take(lines)
                    if is_before(log, log.from_ms):
                        break
                log.partial = reading.cut
    except Expired:
        log.partial = True
        reading.gaps.append("the application's log was read for %d s, from its end" % READ_SECONDS)
    if log.without_time > 0:
        reading.gaps.append("%d lines of the application's log have no time and are not counted" % log.without_time)


def read_journal(log, service):
    """The service's own output. systemd knows each line's time; where it does not say, the line's own counts."""
    common = ("journalctl", "-u", service, "-n", str(JOURNAL_READ_LINES), "--no-pager", "-q", "--since", "@%.3f" % (log.from_ms / 1000.0), "--until", "@%.3f" % (log.to_ms / 1000.0 + 1))
    text = run_quietly(*common, "-o", "short-unix")
    if text:
        # `1700000000.123456 host unit[1]: message`
        lines = [re.sub(r"^(\d+\.\d+) \S+ [^:]*: ", r"\1 ", line) for line in text.split("\n")]
        log.take(lines, is_stamped=True)
    else:
        lines = [line for line in run_quietly(*common, "-o", "cat").split("\n") if line]
        log.take(lines)
    log.partial = len(lines) >= JOURNAL_READ_LINES or sum(len(line) + 1 for line in lines) >= JOURNAL_READ_CHARACTERS
