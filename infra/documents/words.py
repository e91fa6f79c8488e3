# What a text reads like: words that a person wrote, or an id.
import re

# Direction marks and separators too, which make a text look like another one.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]+")
# The pieces of a name in camel case have at least this many characters on average, and it has at most so many groups of digits
# between letters.
SHORTEST_AVERAGE = 3.3
MOST_DIGITS = 2


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
