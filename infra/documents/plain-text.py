# A response as one line of plain text: what a person would read first on that page.
import html
import html.parser

LONGEST_ANSWER_LINE = 200
# Fields of the usual error responses: RFC 9457, Spring's and Express's. The rest of a JSON body stays on the server.
ERROR_FIELDS = ("status", "error", "title", "detail", "message", "path", "exception")


class FirstText(html.parser.HTMLParser):
    """Collects lines of visible text. A heading or the title comes before other text."""

    HIDDEN = ("style", "script", "template", "noscript", "svg", "head")
    INLINE = ("a", "b", "i", "em", "strong", "span", "code", "u", "small", "font", "tt", "abbr")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.hidden = []
        self.lines = [""]
        self.headings = []
        self.heading = None

    def handle_starttag(self, tag, attributes):
        if tag in ("title", "h1", "h2"):
            self.heading = (tag, "")
            # A title is in the head.
            self.hidden = [name for name in self.hidden if name == "head"] if tag == "title" else self.hidden
        elif tag in self.HIDDEN:
            self.hidden.append(tag)
        elif tag == "body":
            self.hidden = []
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_endtag(self, tag):
        if self.heading and tag == self.heading[0]:
            self.headings.append(self.heading[1])
            self.heading = None
        if tag in self.hidden:
            self.hidden = self.hidden[: self.hidden.index(tag)]
        if tag not in self.INLINE:
            self.lines.append("")

    def handle_data(self, data):
        if self.heading is not None and not [name for name in self.hidden if name != "head"]:
            self.heading = (self.heading[0], self.heading[1] + data)
        elif not self.hidden:
            parts = data.split("\n")
            self.lines[-1] += parts[0]
            self.lines += parts[1:]


def html_lines(text):
    parser = FirstText()
    try:
        parser.feed(text)
        parser.close()
    except (ValueError, AssertionError, RecursionError):
        # A page that is not valid HTML: what was read of it.
        pass
    return parser.headings + parser.lines


def is_shown(name, value):
    return isinstance(value, int) if name == "status" else isinstance(value, str)


def first_line(text, redactor):
    """The first line of a body that has text, without tags, scripts, styles, control characters and secrets; maybe empty."""
    try:
        body = parse_json(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        known = dict((name, body[name]) for name in ERROR_FIELDS if is_shown(name, body.get(name)))
        lines = [", ".join("%s: %s" % (name, str(value).split("\n")[0]) for name, value in known.items())]
    elif body is not None:
        return ""
    elif re.search(r"<\s*(?:!doctype|html|head|body|h[1-6]|p|div|title)\b", text[:4096], re.IGNORECASE):
        lines = html_lines(text)
    else:
        lines = text.split("\n")
    for line in lines:
        plain = redactor.line(" ".join(line.split()))
        if plain:
            return shorten(plain, LONGEST_ANSWER_LINE)
    return ""
