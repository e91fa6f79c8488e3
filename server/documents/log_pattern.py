# A log's pattern as one regular expression. A pattern is what the server that writes the log has in its own configuration: Apache's and
# Tomcat's `%h %t "%r" %>s`, nginx's `$time_local $status`, or the names of fields in lines of JSON. A value ends at the character that follows it in the pattern
# and contains none of it, so that no line takes long.
import re

from instance import parse_json
from log_files import NoLog

NAMED_PATTERNS = dict(
    common='%h %l %u %t "%r" %s %b',
    combined='%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
)
LONGEST_LOG_PATTERN = 1024
DIRECTIVE = re.compile(
    r"%(?:[<>!0-9,]*)(?:\{(?P<of>[^{}]*)\})?(?P<letter>[A-Za-z]|\^t[io])|(?P<percent>%%)|\$(?:\{(?P<braced>\w+)\}|(?P<name>\w+))"
)
# What a field of a line shows. `set` is the header Set-Cookie, `answered` the session that a request ended with.
LOG_FIELDS = ("time", "status", "session", "answered", "set", "path", "agent", "referer", "host")
NGINX_FIELDS = dict(
    time_local="time", time_iso8601="time", msec="time", request="path", request_uri="path", uri="path", http_user_agent="agent",
    http_referer="referer", http_host="host", sent_http_set_cookie="set", **dict((name, name) for name in LOG_FIELDS),
)
APACHE_FIELDS = dict(t="time", r="path", U="path", s="status", S="answered")
HEADERS = dict([("user-agent", "agent"), ("referer", "referer"), ("host", "host")])
QUERY = "q"


class InvalidPattern(NoLog):
    """A pattern that cannot be used for counting. The message is the end of a sentence about the pattern."""


def field_of(found, cookie):
    """What a directive shows; None for what is of no use here."""
    name = found.group("braced") or found.group("name")
    if name:
        if cookie and name.lower() == "cookie_" + cookie.lower():
            return "session"
        return NGINX_FIELDS.get(name)
    of, letter = found.group("of"), found.group("letter")
    if of is None or letter == "t":
        return APACHE_FIELDS.get(letter)
    if letter in "Cc" and cookie and of.lower() == cookie.lower():
        return "session"
    if letter == "o" and of.lower() == "set-cookie":
        return "set"
    return HEADERS.get(of.lower()) if letter == "i" else None


def value_expression(found, end, before_query):
    """What a directive's value can look like. `end` is the character that ends it; empty at the end of the pattern."""
    is_query = found.group("letter") == QUERY
    if found.group("letter") == "t" and found.group("of") is None:
        return r"\[[^\]]*\]"
    mark = "?" if before_query else ""
    if end == '"':
        text = r'(?:[^"\\%s]|\\.)*' % mark
    elif end:
        text = "[^%s%s]*" % (re.escape(end), mark)
    else:
        text = r"[^ ?\"]*" if before_query else r"[^ \"]*" if is_query else r"\S*"
    return r"(?:\?%s)?" % text if is_query else text


def literals_behind(pattern, found_all):
    """The text behind each directive, up to the next one."""
    begins = [found.start() for found in found_all[1:]] + [len(pattern)]
    return [pattern[found.end():begin].replace("%%", "%") for found, begin in zip(found_all, begins)]


def compile_pattern(pattern, cookie):
    """The pattern's regular expression, with a group for each field. Raises InvalidPattern."""
    if not isinstance(pattern, str) or not 0 < len(pattern) <= LONGEST_LOG_PATTERN:
        raise InvalidPattern("is not a text of 1 to %d characters" % LONGEST_LOG_PATTERN)
    pattern = NAMED_PATTERNS.get(pattern, pattern)
    parts = []
    fields = set()
    found_all = [found for found in DIRECTIVE.finditer(pattern) if not found.group("percent")]
    position = 0
    literals = literals_behind(pattern, found_all)
    for number, found in enumerate(found_all):
        parts.append(re.escape(pattern[position:found.start()].replace("%%", "%")))
        position = found.end()
        follower = found_all[number + 1] if number + 1 < len(found_all) else None
        end = literals[number][:1]
        before_query = not end and follower is not None and QUERY == follower.group("letter") != found.group("letter")
        if before_query:
            # The query may be empty: the path ends at what follows the query, too.
            end = literals[number + 1][:1]
        elif not end and follower is not None:
            raise InvalidPattern("has two fields without a character between them: %s%s" % (found.group(0), follower.group(0)))
        expression = value_expression(found, end, before_query)
        field = field_of(found, cookie)
        if field and field not in fields:
            fields.add(field)
            expression = "(?P<%s>%s)" % (field, expression)
            if field == "session" and found.group("letter") == "c":
                # Tomcat's, which names all cookies of that name.
                fields.add("several")
        parts.append(expression)
    parts.append(re.escape(pattern[position:].replace("%%", "%")))
    check_fields(fields)
    return re.compile("".join(parts)), fields


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


def read_json_line(names):
    """Likewise for lines of JSON; `names` is the dotted name of each field."""
    paths = [(field, name.split(".")) for field, name in names.items()]

    def read(line):
        try:
            entry = parse_json(line)
        except (ValueError, RecursionError):
            return None
        values = dict()
        for field, path in paths:
            value = entry
            for part in path:
                value = value.get(part) if isinstance(value, dict) else None
            values[field] = value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else None
        return values if values.get("time") and values.get("status") else None

    return read


def reader_of(pattern, cookie):
    """A function from a line to its fields, and the fields that it knows. Raises InvalidPattern."""
    if isinstance(pattern, dict):
        names = dict((field, name) for field, name in pattern.items() if field in LOG_FIELDS and isinstance(name, str))
        check_fields(names)
        return read_json_line(names), set(names)
    expression, fields = compile_pattern(pattern, cookie)
    return match_line(expression), fields
