# What a failed attempt leaves in the server's journal, as few lines that explain it.
import re
import sys
import time

from foreign_words import service_properties, service_redactor
from limited_process import in_own_process
from redact import LONGEST_LINE
from words import printable
from run_quietly import run_quietly, shorten
from plain_text import first_line

# Lines that are read, of which those that explain are returned.
READ_LINES = 600
LONGEST_JOURNAL_LINE = 300
JOURNAL_LINES = 10
FEWEST_LINES = 4
JOURNAL_CHARACTERS = 1800
# A frame of a stack trace, and what Java counts instead of frames.
FRAME = re.compile(r"^\s*(?:at\s+\S|\.{3}\s*[0-9]+\s+(?:more|common frames)|File \".*\", line [0-9]|[~^]+\s*$)")
ROOT_CAUSE = re.compile(r"^\s*(?:holdfast: |Caused by:|Exception in thread|Error: )|\b(?:[A-Z]\w*(?:Exception|Error))\s*:|Address already in use")
SEVERE = re.compile(r"\b(?:SEVERE|FATAL|ERROR|panic)\b|\b[A-Z]\w*(?:Exception|Error)\b|Main process exited|Failed (?:at step|with result)")
# Spring Boot explains a failed start in a block of its own.
SPRING = re.compile(r"APPLICATION FAILED TO START")
# What differs between two prints of one line: times, and counters.
VARIABLE = re.compile(r"[0-9]+")

# The state is read before anything is restored, so that it must not take long.
STATE_SECONDS = 5
# The explanation is limited in CPU time, and in time that includes the wait for journalctl.
EXPLANATION_PROCESSOR_SECONDS = 1.0
EXPLANATION_SECONDS = 10.0


class FailedAttempt:
    """All that is kept of an attempt that failed until the previous release serves again: the unit's state, the time, and the answer."""

    def __init__(self, service, since, answer):
        self.service = service
        self.since = since
        # URL, status and at most HTTP_BYTES of the body; None when nothing answered.
        self.answer = answer
        self.state = ""
        try:
            names = "ActiveState,NRestarts,ExecMainStatus"
            self.state = describe_service(service, service_properties(service, names, STATE_SECONDS))
        except Exception:
            # A MemoryError too: it must not prevent what follows.
            pass
        self.until = time.time()


def evidence(attempt):
    """What an attempt that failed adds to its result, without what is not known. Whatever fails in here, there is no explanation."""
    found = dict(service=attempt.state)
    try:
        if attempt.answer:
            found.update(asked=attempt.answer[0], lastAnswer=attempt.answer[1])
        parts, has_ended = in_own_process(EXPLANATION_PROCESSOR_SECONDS, EXPLANATION_SECONDS, lambda: explain(attempt))
        for part in parts:
            found.update(part)
        if not has_ended:
            limits = (EXPLANATION_PROCESSOR_SECONDS, EXPLANATION_SECONDS)
            print("no explanation: it failed, or took more than %d s of CPU time or %d s in all" % limits, file=sys.stderr)
    except Exception:
        pass
    return dict((name, value) for name, value in found.items() if value)


def explain(attempt):
    """The parts of the explanation, each on its own: what a later one takes cannot lose an earlier one."""
    redactor = service_redactor(service_properties(attempt.service, "Environment,EnvironmentFiles", STATE_SECONDS))
    yield dict(journal=quote_journal(attempt, redactor))
    if attempt.answer:
        _, status, body = attempt.answer
        line = first_line(body, redactor)
        yield dict(lastAnswer=status + (": " + line if line else ""))


def describe_service(service, properties):
    """`holdfast-app is activating, restarted 7 times, last exit code 1`; empty when systemd does not answer."""
    state = properties.get("ActiveState", "")
    if not re.fullmatch(r"[a-z-]{1,32}", state):
        return ""
    restarts = properties.get("NRestarts", "0")
    code = properties.get("ExecMainStatus", "0")
    text = "%s is %s" % (service, state)
    if restarts.isdigit() and int(restarts) > 0:
        text += ", restarted %s" % ("once" if restarts == "1" else "%s times" % restarts[:9])
    if re.fullmatch(r"[0-9]{1,3}", code) and code != "0":
        text += ", last exit code %s" % code
    return text


def explaining(lines):
    """The lines that explain a failure, in their order: at most JOURNAL_LINES, without repetitions and frames."""
    ranked = dict()
    block = 0
    for at, line in enumerate(lines):
        rank = 1
        if SPRING.search(line):
            block = 14
            rank = 5
        elif block > 0:
            rank = 5 if re.search(r"\w", line) and line.strip() not in ("Description:", "Action:") else -1
        elif FRAME.search(line):
            rank = 0
        elif re.match(r"\s*Caused by:", line):
            rank = 3
        elif ROOT_CAUSE.search(line):
            rank = 3
        elif SEVERE.search(line):
            rank = 2
        block -= block > 0
        if re.search(r"\w", line) and rank >= 0:
            # A service that restarts prints the same again: the latest print counts.
            key = VARIABLE.sub("0", line).strip()
            ranked.pop(key, None)
            ranked[key] = (rank, at)
    causes = [at for _, at in ranked.values() if re.match(r"\s*Caused by:", lines[at])]
    # Java prints the root cause last.
    order = sorted(ranked.values(), key=lambda item: (item[0] + (2 if causes and item[1] == causes[-1] else 0), item[1]), reverse=True)
    best = [at for rank, at in order if rank > 1][:JOURNAL_LINES]
    # Where nothing explains it, the last lines may.
    other = [at for rank, at in order if rank == 1] or [at for rank, at in order if rank == 0 and not best]
    return [lines[at] for at in sorted(best + other[: max((FEWEST_LINES if best else JOURNAL_LINES) - len(best), 0)])]


def quote_journal(attempt, redactor):
    """What the service printed during the attempt, as at most JOURNAL_LINES lines without secrets."""
    text = run_quietly(
        "journalctl", "-u", attempt.service, "-n", str(READ_LINES), "-o", "cat", "--no-pager", "-q",
        "--since", "@%.3f" % attempt.since, "--until", "@%.3f" % attempt.until,
    )
    quoted = []
    # A split at line feeds only, which is what separates entries. The beginnings of lines choose, and the whole ones are redacted.
    lines = text.split("\n")[-READ_LINES:]
    beginnings = [printable(line)[:2 * LONGEST_LINE] for line in lines]
    whole = dict(zip(beginnings, lines))
    for beginning in explaining(beginnings):
        line = shorten(redactor.line(whole[beginning]), LONGEST_JOURNAL_LINE)
        if sum(map(len, quoted)) + len(line) <= JOURNAL_CHARACTERS:
            quoted.append(line)
    return quoted
