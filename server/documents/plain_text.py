# A response as one line of plain text: what a person would read first on that page.
import html
import re

from instance import parse_json
from probes import HTTP_BYTES
from run_quietly import shorten
from words import printable


# A tag's name, up to which a `<` is text; then a comment, a declaration or the like.
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)|<(!--)|<[!?/]")
# What can end a tag, or begin a value in which nothing ends it.
IN_TAG = re.compile(r"[>\"']")
# Their content is no markup.
RAW_END = dict((name, re.compile("(?i)</%s(?=[\\s/>])" % name)) for name in ("style", "script", "title", "textarea"))
HIDDEN = ("style", "script", "template", "noscript", "svg", "head")
INLINE = ("a", "b", "i", "em", "strong", "span", "code", "u", "small", "font", "tt", "abbr")


def end_of_tag(text, position):
    """Behind the tag's `>`; the end of the text for a tag that does not end."""
    while True:
        found = IN_TAG.search(text, position)
        if not found:
            return len(text)
        if found.group(0) == ">":
            return found.end()
        # Only behind `=` is it a value's quote.
        if text[position:found.start()].rstrip()[-1:] != "=":
            position = found.end()
            continue
        close = text.find(found.group(0), found.end())
        if close < 0:
            return len(text)
        position = close + 1


def html_tokens(text):
    """Pairs of a tag's name and None, `/name` for its end, or of None and a text between tags."""
    position = 0
    while position < len(text):
        found = TAG.search(text, position)
        begin = found.start() if found else len(text)
        if begin > position:
            yield None, text[position:begin]
        if not found:
            return
        slash, name, comment = found.groups()
        if comment:
            end = text.find("-->", found.end())
            position = end + 3 if end >= 0 else len(text)
            continue
        position = end_of_tag(text, found.end()) if name else text.find(">", found.end()) + 1 or len(text)
        if not name:
            continue
        name = name.lower()
        yield slash + name, None
        if name in RAW_END and not slash:
            end = RAW_END[name].search(text, position)
            stop = end.start() if end else len(text)
            yield None, text[position:stop]
            position = stop


class FirstText:
    """Collects lines of visible text. A heading or the title comes before other text."""

    def __init__(self):
        # Each name once, in the order of the page.
        self.hidden = []
        # Lines as lists of their parts.
        self.lines = [[]]
        self.headings = []
        self.heading = None

    def begin(self, tag):
        if tag in ("title", "h1", "h2"):
            self.heading = (tag, [])
            # A title is in the head.
            self.hidden = [name for name in self.hidden if name == "head"] if tag == "title" else self.hidden
        elif tag in HIDDEN and tag not in self.hidden:
            self.hidden.append(tag)
        elif tag == "body":
            self.hidden = []

    def end(self, tag):
        if self.heading and tag == self.heading[0]:
            self.headings.append(self.heading[1])
            self.heading = None
        if tag in self.hidden:
            self.hidden = self.hidden[: self.hidden.index(tag)]

    def add(self, data):
        if self.heading is not None and not [name for name in self.hidden if name != "head"]:
            self.heading[1].append(data)
        elif not self.hidden:
            first, *rest = data.split("\n")
            self.lines[-1].append(first)
            self.lines += [[line] for line in rest]

    def take(self, text):
        for tag, data in html_tokens(text):
            if tag is None:
                self.add(data)
                continue
            name = tag.lstrip("/")
            (self.end if tag.startswith("/") else self.begin)(name)
            if name not in INLINE:
                self.lines.append([])
        return self.headings + self.lines


def html_lines(text):
    for parts in FirstText().take(text):
        try:
            # The whole line: what is cut before its secrets are known could show a part of one.
            yield html.unescape("".join(parts))
        except ValueError:
            # A reference to a character with thousands of digits: the line is not shown, as no secret in it would be recognised.
            pass


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
