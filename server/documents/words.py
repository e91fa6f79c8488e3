# What a text reads like: words that a person wrote, or an id; and what of it can be shown.
import json
import re


def stripped(value):
    """A result without anything in its texts that steers a terminal or hides in them, no matter who wrote it."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, (list, tuple)):
        return [stripped(each) for each in value]
    if isinstance(value, dict):
        return dict((stripped(name), stripped(each)) for name, each in value.items())
    return value


def print_result(result):
    print(json.dumps(stripped(result), separators=(",", ":")), flush=True)


# What steers a terminal, and what makes a text look like another one: direction marks, separators, what takes no room, half characters.
# A joiner between two pictures makes one picture of them, and stays. functions/shared/foreign-text.ts has the same ones; by their numbers,
# because Python's own table of characters is as old as the server's Python.
PICTURE = "\u2190-\u27ff\u2900-\u2bff\ufe0f\U0001f000-\U0001faff"
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b\u200c\u200e"
    "\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+|(?<![%s])\u200d|\u200d(?![%s])" % (PICTURE, PICTURE)
)
# What a terminal takes for a command.
TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\?)|[@-_])")
LONGEST_SHOWN_PATH = 200
# The pieces of a name in camel case have at least this many characters on average, and it has at most so many groups of digits
# between letters.
SHORTEST_AVERAGE = 3.3
MOST_DIGITS = 2


def printable(text):
    """One line."""
    return UNPRINTABLE.sub("", TERMINAL.sub("", re.sub("[\t\n]", " ", text)))


def shown_path(path):
    """A path without its parameters, such as `;jsessionid=`, and without what its query and its fragment say."""
    return printable(re.split("[?;#]", str(path), maxsplit=1)[0])[:LONGEST_SHOWN_PATH]


def reads_as_words(token):
    """Whether most of a token are words that a person wrote: parts of a name in camel case, of a path, or of a constant."""
    pieces = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", token)
    letters = sum(map(len, pieces))
    words = [piece for piece in pieces if is_word(piece.lower())]
    # In what is random, words are few, and pieces are short.
    if len(re.findall(r"(?<=[A-Za-z])[0-9]+(?=[A-Za-z])", token)) > MOST_DIGITS:
        return False
    return sum(map(len, words)) >= 0.6 * letters and letters >= SHORTEST_AVERAGE * len(pieces)


def is_word(piece):
    # Thirty random letters without five consonants in a row are rare, and so is a word with them.
    return len(piece) >= 3 and bool(re.search(r"[aeiouy]", piece)) and not re.search(r"[^aeiouy]{5}", piece) and len(piece) <= 16
