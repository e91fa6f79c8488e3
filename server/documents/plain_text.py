# A response as one line of plain text: what a person would read first on that page.
import re

from instance import parse_json
from probes import HTTP_BYTES
from html_text import html_lines
from run_quietly import shorten
from words import printable

LONGEST_ANSWER_LINE = 200
# Fields of the usual error responses: RFC 9457, Spring's and Express's. The rest of a JSON body stays on the server.
ERROR_FIELDS = ("status", "error", "title", "detail", "message", "path", "exception")
HTML = re.compile(r"(?i)<\s*(?:!doctype|html|head|body|h[1-6]|p|div|title)\b")


def is_shown(name, value):
    return isinstance(value, int) if name == "status" else isinstance(value, str)


def first_line(text, redactor):
    """The first line of a body that has text, without tags, scripts, styles, control characters and secrets; maybe empty."""
    if len(text.encode("utf-8", "replace")) >= HTTP_BYTES:
        text = redactor.without_cut_word(text)
    try:
        body = parse_json(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        known = dict((name, body[name]) for name in ERROR_FIELDS if is_shown(name, body.get(name)))
        lines = [", ".join("%s: %s" % (name, str(value).split("\n")[0]) for name, value in known.items())]
    elif body is not None:
        return ""
    elif HTML.search(text[:4096]):
        lines = html_lines(text)
    else:
        lines = text.split("\n")
    for line in lines:
        # A line without anything to see costs little: a body can have thousands of them.
        plain = redactor.line(" ".join(line.split())) if printable(line).strip() else ""
        if plain:
            return shorten(plain, LONGEST_ANSWER_LINE)
    return ""
