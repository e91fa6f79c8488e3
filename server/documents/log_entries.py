# Entries of an application's log: a line and what belongs to it, such as its stack trace.
import re

# What follows an entry's first line, by its form. A trace goes on with the exception that caused it.
FOLLOWS = re.compile(
    r"^(?:[\s})\]]|$|Caused by:|Suppressed:|\.{3} \d+ |Stack trace:|\[(?:previous )?(?:stacktrace|exception)\]|#\d+ |Next [\w\\]+|error:[0-9A-Fa-f]{8}:|\"[,}]|NoneType: None$|\[auth\]\[(?:cause|details)\]"
    r"|During handling of the above|The above exception was|--- |[\w/<][\w/<>:.-]{0,300}:\d+:in )"
)
TRACEBACK = re.compile(r"Traceback \(most recent")
CHAINED = re.compile(r"During handling of the above|The above exception was")
EXCEPTION = re.compile(r"^(?:[A-Za-z_$][\w$]{0,80}(?:\.|\\|::)){0,12}[A-Za-z_$]{0,80}(?:Error|Exception|Failure|Timeout|Invalid[A-Za-z]{1,20})(?: ?[:(]|$| \[)")
ENDS_TRACEBACK = re.compile(r"[A-Za-z_][\w.]{0,200}(?::|$)")
HEAD_OF_TRACE = re.compile(r"(?i)\b(?:error|warn\w*|fatal|severe|critical|exception|fail\w*)\b|uncaught")
# Where a program was, and not what was wrong.
FRAME = re.compile(r"^(?:\s+at\s|\s*\.{3} \d+ |\s+File \"|\s*#\d+ |\s*(?:from )?[\w/<][\w/<>:.-]{0,300}:\d+:in |Traceback|Stack trace:|\s*$)")
# What a server puts before each line of its application: Passenger, and PHP-FPM with a time.
WRAPPER = re.compile(r"App \d+ (?:output|std(?:out|err)): |\[\d\d-[A-Z][a-z]{2}-\d{4} [^\]]{8,30}\] [A-Z]+: \[pool [^\]]{1,60}\] child \d+ said into std(?:out|err): \"?")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MOST_LINES = 120
MOST_WORDS = 6000
MOST_LINE = 2000
# A trace names what has failed in its first frames; one of Python, which has them before its exception, in its last ones.
NEAR_FRAMES = 6


class Entry:
    def __init__(self, at, head):
        self.at = at
        self.head = head
        # As they were written: a secret is recognised in its own text alone.
        self.raw = [head]
        self.lines = []
        self.words = 0
        self.has_frames = self.is_traceback = self.is_chained = False
        self.add(head, False)
        # Whether it heads a trace; None until a line asks: each line that follows a long head would search it again.
        self.heads_trace = None

    def takes(self, line):
        """Whether a line belongs to the entry, by its form alone."""
        if TRACEBACK.match(line):
            return self.is_chained or not self.has_frames
        if EXCEPTION.match(line):
            if self.heads_trace is None:
                self.heads_trace = not EXCEPTION.match(self.head) and bool(HEAD_OF_TRACE.search(self.head))
            return self.is_traceback or not self.has_frames and self.heads_trace
        if self.is_traceback and ENDS_TRACEBACK.match(line):
            return True
        return bool(FOLLOWS.match(line))

    def add(self, line, is_frame):
        # The end of a long trace of Python says what was wrong.
        if len(self.lines) >= MOST_LINES:
            del self.lines[MOST_LINES // 2]
        if is_frame or self.words < MOST_WORDS:
            self.lines.append((is_frame, line[:MOST_LINE]))
        self.words += 0 if is_frame else len(line[:MOST_LINE])

    def follow(self, line):
        # Python shows the lines of its source.
        is_frame = bool(FRAME.match(line)) or self.is_traceback and line.startswith("    ")
        self.add(line, is_frame)
        self.has_frames = self.has_frames or is_frame and bool(line.strip())
        self.is_traceback = bool(TRACEBACK.match(line)) or self.is_traceback and is_frame
        self.is_chained = bool(CHAINED.match(line)) or self.is_chained and not line.strip()

    def parts(self):
        """Each text that says what was wrong, with the frames around it."""
        for number, (is_frame, text) in enumerate(self.lines):
            if not is_frame:
                yield text, "\n".join(self.frames_from(number, -1) + self.frames_from(number, 1))

    def has_frame(self, expression):
        return any(is_frame and expression.search(text) for is_frame, text in self.lines)

    def frames_from(self, number, step):
        frames = []
        while len(frames) < NEAR_FRAMES and 0 <= number + step < len(self.lines) and self.lines[number + step][0]:
            number += step
            frames.append(self.lines[number][1][:300])
        return frames


def entries_of(lines, time_of, is_stamped=False):
    """
    Entries of one block of lines, in their order, each with the time of its first line; None for a line before the first time.
    `time_of` gives a line's own time, or None. `is_stamped`: something else has put a time before each line.
    """
    entry = None
    for line in lines:
        line = COLOUR.sub("", line) if "\x1b" in line else line
        at = time_of(line)
        text = line.partition(" ")[2] if is_stamped else line
        wrapper = WRAPPER.match(text)
        # Each of its lines has the time of what wrote it down.
        has_time = is_stamped or wrapper is not None and at is not None
        if wrapper:
            text = text[wrapper.end():]
            at = time_of(text) if at is None else at
        if at is None and entry is None:
            yield None
        elif entry is not None and (has_time or at is None) and entry.takes(text):
            entry.follow(text)
            if len(entry.raw) < MOST_LINES:
                entry.raw.append(text)
        else:
            if entry is not None:
                yield entry
            # A trace in a field of JSON.
            head, *rest = text.replace("\\t", "    ").replace('\\"', '"').split("\\n") if "{" in text[:200] else [text]
            entry = Entry(entry.at if at is None else at, head)
            entry.raw = [text]
            for each in rest:
                entry.follow(each)
    if entry is not None:
        yield entry
