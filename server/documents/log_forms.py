# Forms of an application's log: its entries without what differs from one to the next, each with how often it was written, by the minute.
import re

from log_categories import IS_BAD, IS_WELL, category_of
from log_entries import CHAINED, EXCEPTION, MOST_LINE
from log_times import MINUTE_MS
from log_values import PATH_WORDS, add
from run_quietly import shorten
from words import reads_as_words

# Of texts that differ by more than their numbers, so many are kept apart; of a log with more, those that are written again and again.
MOST_FORMS = 2000
MOST_KNOWN = 20000
# Of an entry, so much is its form.
READ_HEAD, READ_LINE = 400, 16 * 1024
LONGEST_FORM, LONGEST_CAUSE = 160, 100
MOST_SHOWN = 12
MOST_COUNTS = 240
# An alarm fires after some minutes of trouble.
ALARM_MINUTES = 5
# In less, a form that is written now and then is not there yet.
LEAST_BEFORE_MINUTES = 5
TIMES_MORE, FEWEST_MORE = 3, 5
# A word is a name, or another value, if so many forms differ by it, and are hardly ever written twice,
# or very many.
FEWEST_JOINED, MOST_OF_JOINED, MANY_JOINED = 5, 3, 12
MOST_PLACES = 16

# What has a digit in it says nothing about an entry, other than a level, or a port: of a store, or of something else.
WITH_DIGIT = re.compile(r"(?<![\w-])[\w-]*?\d[\w-]*")
SAYS_MORE = re.compile(r":\d{3,5}\b|level\W{1,4}\d\d")
NAMES = (
    r"(?:(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
    r"|[AP]M|UTC|GMT|CES?T|(?<=\d)Z)\b|T(?=\d)|[DIWEFA], (?=\[\d))"
)
# A time, numbers of processes, and what is between them.
BEGIN = re.compile(r"(?:%s|[^A-Za-z\[({\"'<]|[\[({\"'<](?!(?!%s)[A-Za-z]))+" % (NAMES, NAMES))
# The level, and what is before and behind it of a thread.
LEVEL_AND_THREAD = re.compile(r"(?:\[[^\]]{1,40}\] )?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL):?[ \d-]+(?:\[[^\]]{0,40}\] ?)*(?=\S)")
IS_ERROR = re.compile(r"(?:Error|Exception|Failure|Timeout)\b")
# What says what happened, in a line of JSON, and in one of names and values.
IN_JSON = re.compile(r"\"(?:level|severity|levelname|msg|message|event|type|code|logger|logger_name)\" ?: ?(?:\"(.{0,400}?)\"(?=\s?[,}\]]|$)|(\d+))")
NAMED = re.compile(r"\b(?:level|lvl|severity|msg|message|err|error|event|reason)=(?:\"((?:[^\"\\]|\\.){0,400})\"?|(\S+))")
IS_NAMED = re.compile(r"\b(?:msg|message)=")
LEVELS = dict([("10", "TRACE"), ("20", "DEBUG"), ("30", "INFO"), ("40", "WARN"), ("50", "ERROR"), ("60", "FATAL")])
# Behind them somebody is named; what is none goes on with the sentence.
PERSON = re.compile(
    r"(?i)\b((?:users?|user[ _-]?name|logins?|principal|account|customer|member|guest|owner|subject|patient|dear|hello|welcome|session"
    r"|(?:failed|login|logged in|reset|requested|created|deleted|updated|changed|registered|denied|rejected|session) (?:for|by))[:,]? )"
    r"(?!(?:an?|the|is|was|are|were|has|have|not|no|and|or|at|by|for|from|in|on|of|to|with|does|did|cannot|could|can|id|name|agent|sessions?|data|input"
    r"|requests?|service|found|error|failed|failure|login|logged|attempts?|key|command|query|path|connections?|store|server|pool|page|table|redis|valkey"
    r"|cache|all|each|any|this|that|its?|node|thread|class|type|method|ur[li]|host|port|timeout|user|expired|timed|storage|repository|lookup|attributes?|invalid\w{0,6}|created|destroyed|ended|closed|cookie|manager)\b)[^\s,;:()\[\]]{1,80}"
)
KEPT_VALUE = r"(?:level|severity|type|code|reason|cause|errno|syscall|kind|state|status|logger)"
REDUCED = [(re.compile(expression), replacement) for expression, replacement in (
    (r"\b[a-z][a-z+.-]{1,20}:/[^\s\"']+|//[^\s\"']+|[^\s\"'=@]{0,64}@[^\s\"',;)]{1,128}", "*"),
    (r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|`[^`]*`", '"*"'),
    (r"\b(?!%s=[A-Za-z_]+\b)([A-Za-z_][\w.-]{0,60})=[^\s,;&)\]}]+" % KEPT_VALUE, r"\1=*"),
)]
PATH = re.compile(r"(?<![\w.*])/[^\s\"'<>(),;:\]]+(?:;\S*)?")
CANDIDATE_ID = re.compile(r"[\w+=-]{6,}")
HEX = re.compile("[0-9a-fA-F-]+")
NO_MARKUP = str.maketrans("<|`@", "(/'*")
NUMBER = re.compile(r"[#*]?\d+(?:[.,:/-]\d+)*")


def plain_of_path(found):
    parts = [part for part in re.split("[?;#]", found.group(0), maxsplit=1)[0].split("/") if part]
    return "/" + "/".join(part if part in PATH_WORDS else "*" for part in parts[:3]) + ("/*" if len(parts) > 3 else "")


def plain_of_id(found):
    token = found.group(0)
    groups = len(re.findall("[0-9]+", token))
    return "#" if groups > 1 or groups and HEX.fullmatch(token) or len(token) > 20 and not reads_as_words(token) else token


def said_by(entry):
    """What says in a line of JSON, or of names and values, what happened; any other line as it is, from behind its time."""
    line = entry.head[:READ_LINE]
    if line[:1] == "{" and len(entry.lines) > 1:
        # Behind a trace in one of its fields.
        line += " " + entry.lines[-1][1]
    expression = IN_JSON if line[:1] == "{" else NAMED if IS_NAMED.search(line) else None
    values = [LEVELS.get(text or other, text or other) for text, other in expression.findall(line)] if expression else []
    begin = BEGIN.match(line)
    if values:
        return " ".join(dict.fromkeys(values))
    return LEVEL_AND_THREAD.sub(r"\1 ", line[begin.end():] if begin else line, count=1)


def reduced(line):
    """What a line says without times, numbers, ids, names, what is in quotes, and what of a path varies. No digit is left."""
    text = line
    for expression, replacement in REDUCED:
        text = expression.sub(replacement, text)
    text = PERSON.sub(r"\1*", PATH.sub(plain_of_path, text))
    text = NUMBER.sub("#", CANDIDATE_ID.sub(plain_of_id, text))
    return " ".join(re.sub(r"\d", "#", text).replace("***", "*").translate(NO_MARKUP).split())


def innermost(entry):
    """The line of a trace that says what was wrong first; empty without one."""
    if len(entry.lines) < 2:
        return ""
    texts = [text for is_frame, text in entry.lines[1:] if not is_frame and text.strip() and not CHAINED.match(text)]
    causes = [text for text in texts if text.lstrip().startswith("Caused by: ")]
    if causes:
        return causes[-1].lstrip()[len("Caused by: "):]
    # Python has its exception at the end.
    is_python = any(is_frame and text.startswith("Traceback") for is_frame, text in entry.lines)
    return texts[-1] if is_python and texts else next((text for text in texts if EXCEPTION.match(text)), "")


class Form:
    def __init__(self, head, cause):
        # As they were written: a secret is recognised in its own text alone.
        self.head, self.cause = head[:2 * READ_HEAD], cause[:2 * READ_HEAD]
        self.is_cut = len(head) > len(self.head) or len(cause) > len(self.cause)
        self.is_bad = bool(cause or IS_BAD.search(head) or IS_ERROR.search(head)) and not IS_WELL.search(head)
        self.total = 0
        self.minutes = dict()
        self.hidden = ()

    def with_others(self, members, hidden):
        """Of them all, without the words by which they differ."""
        minutes = dict()
        for member in members:
            for minute, count in member.minutes.items():
                add(minutes, minute, count)
        self.hidden, self.minutes, self.total = set(hidden), minutes, sum(minutes.values())
        return self

    def text(self, redactor):
        parts = [redactor.without_cut_word(part) if self.is_cut else part for part in (self.head, self.cause)]
        head, cause = (" ".join("*" if word in self.hidden else word for word in reduced(redactor.line(part)).split(" ")) for part in parts)
        if not cause or cause in head:
            return shorten(head, LONGEST_FORM)
        cause = shorten(cause, LONGEST_CAUSE)
        return shorten(head, LONGEST_FORM - len(cause) - 3) + " \u2190 " + cause


class Forms:
    """The entries of one log, the latest block first."""

    def __init__(self, own=None):
        """`own`: trouble_of the server's store."""
        self.forms, self.known, self.own = dict(), dict(), own
        self.first_ms = None

    def take(self, entry):
        """Its category. Most entries of a log are as one before, but for their numbers and ids: these are not judged again."""
        head = entry.head[:MOST_LINE]
        alike = WITH_DIGIT.sub("0", head), *SAYS_MORE.findall(head), bool(self.own and self.own.one.search(head.lower()))
        key = hash((*alike, *(text for _, text in entry.lines[1:])))
        known = self.known.get(key)
        if known is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            cause = innermost(entry)
            # Of the cause its class alone: what it says can be about one request.
            name = reduced(said_by(entry)[:READ_HEAD]) + "\n" + re.split("[: (]", cause, maxsplit=1)[0]
            known = self.known[key] = category_of(entry, self.own), cause, name
        category, cause, name = known
        form = self.forms.get(name)
        if form is None:
            if len(self.forms) >= MOST_FORMS:
                self.forget()
            form = self.forms[name] = Form(said_by(entry), cause)
        form.total += 1
        add(form.minutes, entry.at // MINUTE_MS)
        self.first_ms = entry.at if self.first_ms is None else min(entry.at, self.first_ms)
        return category

    def forget(self):
        """A half of the forms, the rarest ones: of what is read later, which is older, the counts before the trouble alone can be too low for them."""
        kept = sorted(self.forms.items(), key=lambda item: -item[1].total)[:MOST_FORMS // 2]
        self.forms = dict(kept)

    def joined(self):
        """The forms; those that differ by one word, which is another one in nearly each line, are one of them."""
        groups = dict()
        for name in self.forms:
            words = name.split(" ")
            for place in range(min(len(words), MOST_PLACES)):
                groups.setdefault((place, *words[:place], None, *words[place + 1:]), []).append(name)
        left, joined = dict(self.forms), []
        for key, names in sorted(groups.items(), key=lambda item: -len(item[1])):
            members = [left[name] for name in names if name in left]
            if len(members) < FEWEST_JOINED:
                continue
            total = sum(member.total for member in members)
            is_spread = len(members) >= MANY_JOINED and max(member.total for member in members) * 4 <= total
            if is_spread or total <= len(members) * MOST_OF_JOINED:
                joined.append(members[0].with_others(members, [name.split(" ")[key[0]] for name in names]))
                for name in names:
                    left.pop(name, None)
        return list(left.values()) + joined

    def rows(self, since_ms, redactor):
        """Those that can be new since that time or some minutes before, the most useful first; None where too little was read of before."""
        split = since_ms // MINUTE_MS - ALARM_MINUTES
        if self.first_ms is None or split - self.first_ms // MINUTE_MS < LEAST_BEFORE_MINUTES:
            return None
        begin = self.first_ms // MINUTE_MS
        quarter = begin + max(LEAST_BEFORE_MINUTES, (split - begin) // 4)
        forms = self.joined()
        last = max(max(form.minutes) for form in forms)
        ranked = []
        for form in forms:
            before = sum(count for minute, count in form.minutes.items() if minute < split)
            after = form.total - before
            is_more = after >= FEWEST_MORE + TIMES_MORE * before * (last - split + 1) / (split - begin)
            # Somebody can have reported late what began long before.
            is_late = after > 0 and min(form.minutes) >= quarter
            if after > 0 and (before == 0 or is_more or is_late):
                ranked.append((not form.is_bad, before > 0, -after, len(ranked), form))
        rows = dict()
        for *_, form in sorted(ranked, key=lambda each: each[:4])[:2 * MOST_SHOWN]:
            text = form.text(redactor)
            if re.search("[A-Za-z]{3}", text):
                rows.setdefault(text, []).append(form)
        return [row_of(text, forms) for text, forms in list(rows.items())[:MOST_SHOWN]]


def row_of(text, forms):
    """`minute` is that of the first of `counts`."""
    minutes = forms[0].with_others(forms, ()).minutes
    first, last = min(minutes), min(max(minutes), min(minutes) + MOST_COUNTS - 1)
    row = dict(text=text, minute=first, counts=[minutes.get(minute, 0) for minute in range(first, last + 1)])
    return dict(row, bad=True) if any(form.is_bad for form in forms) else row
