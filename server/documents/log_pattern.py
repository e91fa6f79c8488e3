# A log's pattern as one regular expression. A pattern is what the server that writes the log has in its own configuration: `%h %t "%r"` of
# Apache, Tomcat, Jetty or Undertow, `$time_local` of nginx, `%(t)s` of gunicorn, `:status` of morgan, `%ST` of HAProxy. A value ends at the
# character that follows it in the pattern and contains none of it, so that no line takes long.
import re

from instance import parse_json
from log_files import NoLog
from set_cookie import is_cookie


# What a field of a line shows. `set` is the header Set-Cookie, `answered` the session that a request ended with.
LOG_FIELDS = ("time", "status", "session", "answered", "set", "path", "agent", "referer", "host", "method")
# Between the values of a header that is a list.
BETWEEN = dict(set=", ", session="; ")


def value_at(entry, name, path):
    """Of objects in objects, or of one whose names have dots. Names of headers are the same in any case."""
    if name in entry:
        return entry[name]
    for part in path:
        if isinstance(entry, list) and len(entry) == 1:
            entry = entry[0]
        if not isinstance(entry, dict):
            return None
        entry = entry[part] if part in entry else next((value for key, value in entry.items() if key.lower() == part.lower()), None)
    return entry


def as_text(value, between):
    if isinstance(value, list):
        return between.join(each for each in value if isinstance(each, str)) or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def read_json_line(names):
    """A function from a line to its fields, or None; `names` is the dotted name of each field."""
    paths = [(field, name, name.split(".")) for field, name in names.items()]

    def read(line):
        try:
            entry = parse_json(line)
        except ValueError:
            return None
        if not isinstance(entry, dict):
            return None
        values = dict((field, as_text(value_at(entry, name, path), BETWEEN.get(field, ", "))) for field, name, path in paths)
        return values if values.get("time") and values.get("status") else None

    return read


NAMED_PATTERNS = dict(
    common='%h %l %u %t "%r" %s %b',
    combined='%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
    httplog="%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r",
)
# The same with more behind it.
NAMED_PATTERNS["httpslog"] = NAMED_PATTERNS["httplog"]
# Columns that are filled with spaces.
NAMED_EXPRESSIONS = dict(
    gin=r"\[GIN\] (?P<time>[\d/]{10} - [\d:]{8}) \| *(?P<status>\d{3}) \|[^|]{1,40}\|[^|]{1,60}\| *(?P<method>[A-Z]{1,20}) +\"(?P<path>[^\"]*)\"",
)
LONGEST_LOG_PATTERN = 1024
DIRECTIVE = re.compile(
    r"%\((?P<python>\{[^{}]*\}[a-z]|\w+)\)[sd]|%\{(?P<kind>[a-z]),(?P<kindof>[^{}]*)\}"
    r"|%(?:[<>!0-9,]*)(?:\{(?P<of>[^{}]*)\})?(?P<letter>[A-Za-z]|\^t[io])|(?P<percent>%%)|\$(?:\{(?P<braced>\w+)\}|(?P<name>\w+))"
)
MORGAN = re.compile(r"(?P<percent>::)|:(?P<name>[-\w]{2,})(?:\[(?P<of>[^\[\]]+)\])?")
HAPROXY = re.compile(r"(?P<percent>%%)|%(?:\{(?P<of>[^{}]*)\})?(?:(?P<name>[a-zA-Z]\w*)|\[(?P<sample>[^\[\]]*)\])")
NGINX_FIELDS = dict(
    time_local="time", time_iso8601="time", msec="time", request="path", request_uri="path", uri="path", request_method="method",
    http_user_agent="agent", http_referer="referer", http_host="host", http_cookie="session", sent_http_set_cookie="set", upstream_http_set_cookie="set",
    **dict((name, name) for name in LOG_FIELDS),
)
APACHE_FIELDS = dict(t="time", r="path", U="path", m="method", s="status", S="answered")
# gunicorn's letters, and the names of uvicorn's and of Python's logging.
PYTHON_FIELDS = dict(
    t="time", asctime="time", s="status", status_code="status", r="path", request_line="path", U="path", full_path="path", m="method", method="method",
    f="referer", a="agent",
)
HAPROXY_FIELDS = dict(tr="time", t="time", T="time", trg="time", trl="time", trr="time", Ts="time", ST="status", CC="session", CS="set", r="path", HP="path", HU="path", HM="method")
# HAProxy leaves out headers that it did not capture, and the space behind them.
CAPTURED = ("%hr", "%hs")
MORGAN_FIELDS = dict([("date", "time"), ("status", "status"), ("method", "method"), ("url", "path"), ("referrer", "referer"), ("user-agent", "agent")])
REQUEST_HEADERS = dict([("user-agent", "agent"), ("referer", "referer"), ("referrer", "referer"), ("host", "host"), ("cookie", "session")])
QUERY = "q"
# All cookies of a request.
COOKIE_HEADER = re.compile(r"(?i)\bcookie[}\]]|http_cookie|%CC$")
# What a configuration puts before a character that it would take for its own.
ESCAPE = re.compile(r"\\([ \"'t])")
# `GET /cart HTTP/1.1`, and lists of addresses, times and statuses of all servers that were tried.
REQUEST = re.compile(r"%[<>!0-9,]*r|\$\{?request\}?|%\((?:r|request_line)\)s")
LIST = re.compile(r"(?i)\$\{?upstream_|x.forwarded.for")
# What has spaces of its own, at the end of a pattern.
SPACED = re.compile(r"(?i)\bcookie[}\]]|_cookie\b|agent|%\(a\)")
# Between the parts of one time: `%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t`.
TIME_GAP = re.compile(r"[ .,:T]{0,2}")


# A date, a clock behind a space, and an offset behind another one; or what HTTP writes.
SPACED_TIME = r"(?:\[[^\]]*\]|[A-Z][a-z]{2}, \d\d [^ ]{3,9} \d{4} [\d:]{8} [A-Z]{3}|[^ ]*(?: \d\d?:\d\d:\d\d[^ ]*)?(?: (?:[+-]\d\d:?\d\d|UTC|GMT|Z)(?= |$))?)"


class InvalidPattern(NoLog):
    """A pattern that cannot be used for counting. The message is the end of a sentence about the pattern."""


class Directive:
    """One part of a pattern, from `begin` to `end`, and what it shows: a field, or None for what is of no use here."""

    def __init__(self, found, field, of, letter):
        self.text, self.begin, self.end = found.group(0), found.start(), found.end()
        self.field, self.of, self.letter = field, of, letter


def header_field(kind, of, cookie):
    """What a header shows: of the request (`i`), of the answer (`o`), or a cookie (`c`, `C`)."""
    of = of.lower()
    if kind in "Cc":
        return "session" if cookie and is_cookie(of, cookie.lower()) else None
    return REQUEST_HEADERS.get(of) if kind == "i" else "set" if kind == "o" and of == "set-cookie" else None


def apache_directive(found, cookie):
    name = found.group("braced") or found.group("name")
    of, letter, python = found.group("of"), found.group("letter"), found.group("python")
    if found.group("kind"):
        return Directive(found, header_field(found.group("kind"), found.group("kindof"), cookie), None, "")
    if python:
        header = re.fullmatch(r"\{(.*)\}([a-z])", python)
        field = header_field(header.group(2), header.group(1), cookie) if header else PYTHON_FIELDS.get(python)
        return Directive(found, field, None, "t" if python == "t" else "")
    if name:
        is_session = cookie and is_cookie(name.lower(), "cookie_" + cookie.lower())
        return Directive(found, "session" if is_session else NGINX_FIELDS.get(name), None, "")
    if of is None or letter == "t":
        return Directive(found, APACHE_FIELDS.get(letter), of, letter)
    return Directive(found, header_field(letter, of, cookie) if letter in "ioCc" else None, of, letter)


def morgan_directive(found, cookie):
    name, of = found.group("name"), found.group("of") or ""
    kind = dict(req="i", res="o").get(name)
    return Directive(found, header_field(kind, of, cookie) if kind else MORGAN_FIELDS.get(name), None, "")


def haproxy_directive(found, cookie):
    return Directive(found, HAPROXY_FIELDS.get(found.group("name")), None, "")


def directives_of(pattern, cookie):
    """By the words of the server that has such ones."""
    if re.search(r"%ST(?![a-zA-Z])", pattern):
        expression, read = HAPROXY, haproxy_directive
    elif re.search(r":status(?![\w-])", pattern) and not re.search(r"[$%]\w", pattern):
        expression, read = MORGAN, morgan_directive
    else:
        expression, read = DIRECTIVE, apache_directive
    return [read(found, cookie) for found in expression.finditer(pattern) if not found.groupdict().get("percent")]


def plain(text):
    return re.escape(text.replace("%%", "%"))


def value_expression(directive, end, before_query):
    """What a directive's value can look like. `end` is the character that ends it; empty at the end of the pattern."""
    is_query = directive.letter == QUERY
    if directive.letter == "t" and directive.of is None:
        # It has brackets of its own, also where the pattern adds some.
        return r"\[?[^\]]*\]?" if end == "]" else r"\[[^\]]*\]"
    mark = "?" if before_query else ""
    if end == " " and directive.text in CAPTURED:
        return r"(?:\{[^}]*\} )?"
    if end == '"':
        text = r'[^"\\%s]*(?:\\.[^"\\%s]*)*' % (mark, mark)
    elif directive.field == "time" and end in ("", " "):
        text = SPACED_TIME
    elif end in ("", " ") and REQUEST.fullmatch(directive.text) and not before_query:
        text = r"[^ ]*(?: [^ ]* HTTP/[^ ]*)?"
    elif end == " " and LIST.search(directive.text):
        # No space ends it that can belong to it.
        text = r"[^ ]*(?:(?:(?<=,)(?! :)| :) [^ ]+)*(?<!,)(?! : )"
    elif end:
        text = "[^%s%s]*" % (re.escape(end), mark)
    else:
        text = r"[^ ?\"]*" if before_query else r"[^ \"]*" if is_query else ".*" if SPACED.search(directive.text) else r"\S*"
    return r"(?:\?%s)?" % text if is_query else text


def time_parts(found_all, literals):
    """Numbers of the directives that together are the line's time: the first time, and what directly follows it."""
    first = next((number for number, found in enumerate(found_all) if found.field == "time"), None)
    last = first
    while last is not None and last + 1 < len(found_all) and found_all[last + 1].field == "time" and TIME_GAP.fullmatch(literals[last]):
        last += 1
    return first, last


def compile_pattern(pattern, cookie):
    """The pattern's regular expression, with a group for each field. Raises InvalidPattern."""
    if not isinstance(pattern, str) or not 0 < len(pattern) <= LONGEST_LOG_PATTERN:
        raise InvalidPattern("is not a text of 1 to %d characters" % LONGEST_LOG_PATTERN)
    named = NAMED_EXPRESSIONS.get(pattern)
    if named:
        expression = re.compile(named)
        return expression, set(expression.groupindex)
    pattern = ESCAPE.sub(lambda found: found.group(1).replace("t", "\t"), NAMED_PATTERNS.get(pattern, pattern))
    found_all = directives_of(pattern, cookie)
    literals = [pattern[one.end:next_begin] for one, next_begin in zip(found_all, [each.begin for each in found_all[1:]] + [len(pattern)])]
    first_time, last_time = time_parts(found_all, literals)
    parts = [plain(pattern[:found_all[0].begin])] if found_all else []
    fields = set()
    for number, found in enumerate(found_all):
        follower = found_all[number + 1] if number + 1 < len(found_all) else None
        is_quoted = found.text.startswith("%{+Q")
        end = '"' if is_quoted else literals[number].replace("%%", "%")[:1]
        is_in_time = first_time is not None and first_time <= number <= last_time
        before_query = not end and follower is not None and QUERY == follower.letter != found.letter
        if before_query:
            # The query may be empty: the path ends at what follows the query, too.
            end = literals[number + 1][:1]
        elif not end and follower is not None:
            raise InvalidPattern("has two fields without a character between them: %s%s" % (found.text, follower.text))
        expression = value_expression(found, end, before_query)
        if is_in_time:
            opening = "(?P<time>" if number == first_time else ""
            expression = opening + expression + (")" if number == last_time else "")
            fields.add("time")
        elif found.field and found.field not in fields:
            fields.add(found.field)
            expression = "(?P<%s>%s)" % (found.field, expression)
            if found.field == "session" and COOKIE_HEADER.search(found.text):
                fields.add("cookies")
            if found.field == "session" and found.letter == "c":
                # Tomcat's, which names all cookies of that name.
                fields.add("several")
        # HAProxy puts the quotes itself.
        expression = '"%s"' % expression if is_quoted else expression
        parts += [expression, plain(literals[number][end == " " and found.text in CAPTURED:])]
    check_fields(fields)
    # What syslog puts before a line of HAProxy.
    begin = r"(?:(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-[\dT:.+Z-]{10,30}) (?:[^\s\[]+ )?haproxy\[\d+\]: )?" if pattern.startswith("%ci") else ""
    return re.compile(begin + "".join(parts)), fields


def check_fields(fields):
    for needed, examples in (("time", "%t or $time_local"), ("status", "%s or $status")):
        if needed not in fields:
            raise InvalidPattern("has no %s: add %s" % (needed, examples))


def match_line(expression):
    """A function from a line to its fields, or None."""
    def match(line):
        found = expression.match(line)
        return found.groupdict() if found else None

    return match


def reader_of(pattern, cookie):
    """A function from a line to its fields, and the fields that it knows. Raises InvalidPattern."""
    if isinstance(pattern, dict):
        names = dict((field, name) for field, name in pattern.items() if field in LOG_FIELDS and isinstance(name, str))
        check_fields(names)
        cookies = ["cookies"] if names.get("session", "").lower().endswith("cookie") else []
        return read_json_line(names), set(list(names) + cookies)
    expression, fields = compile_pattern(pattern, cookie)
    return match_line(expression), fields
