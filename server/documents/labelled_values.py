# Values behind a label that says they are secret: `password=…`, `"api key": "…"`, `Cookie: …`. Expressions find the label and functions
# judge it: one expression for all of that would read some lines again and again.
import re

MASK = "***"
# Words in names of variables and fields that contain secrets. `key` alone is a word of many sentences.
SECRET_WORD = re.compile(
    r"(?i)passw(?:or)?d|pass[ _.-]{0,8}phrase|pwd|secret(?!smanager)|token|credential|(?:api|access|private|signing|encryption)[ _.-]{0,8}key"
    r"|signature|requirepass|masterauth|(?:^| )bearer$|sess(?:ion)?[ _.-]{0,8}id(?!le)|session[ _.-]{0,8}key|authorization|cookie|csrf|xsrf|otp"
)
# Those that are parts of ordinary words as well: the whole name, or its last part.
SHORT_NAME = re.compile(r"(?i)(?:^|[_.-])(?:pass|pin|sid)$")
# Cookies that name a session or a signed-in user, also in parts. What follows a colon is about a session.
SESSION_COOKIE = re.compile(
    r"(?i)(?:session|(?:^|[ _.-])sess)(?:[_.-]?c?\d{1,2})?$|(?:^| )(?:s?sess[0-9a-f]{32}$|wordpress_|wp-postpass_|remember_|\.asp)"
    r"|(?:^|[ _.-])auth$"
)
# Settings of such a name (`use_session=true`): no id is so short or so plain.
SETTING = re.compile(r"(?i)(?:true|false|yes|no|on|off|null|none|undefined|basic|digest|redis|memory|[0-9]{1,3})(?=[\s,;&}\])\"']|$)")
# `RedisWrongPasswordException: …` is a class with its message, and `Token.java:12` a place.
PLACE = re.compile(r"(?i)(?:Exception|Error|\.java|\.py|\.[cm]?[jt]s)$")
# A header's value is the rest of the line.
HEADER_NAME = re.compile(r"(?i)\b(?:authorization|cookie2?)$")
OWN_HEADER = re.compile(r"(?i)\bx-")
OWN_HEADER_WORD = re.compile(r"(?i)token|key|auth|secret")
# A phrase is the rest of the line as well; a password can have several words.
PHRASE_NAME = re.compile(r"(?i)pass[ _.-]{0,8}phrases?$")
PASSWORD_NAME = re.compile(r"(?i)(?:passw(?:or)?d|pwd)s?$")
# One or two words, and what separates them from the value, also in JSON that is a text in JSON.
LABEL = re.compile(r"(?<![\w.-])([\w.-]+(?: {1,8}[\w.-]+)?)(\\*[\"']?\]?\s*(=>|[=:]|%3[AaDd])\s*)")
# A label without a separator counts only in front of a value in quotes, and with `is` in front of one with letters and digits.
PROSE_LABEL = re.compile(
    r"(?i)\b(?:password|passwd|pass ?phrase|secret|token|(?:api|access|private|signing|encryption)[ _.-]?key)\s+(?:(?:is\s+|was\s+)?(?=[\"'`\[])"
    r"|(?:is|was)\s+(?=[^\s,;]{0,80}[0-9])(?=[^\s,;]{0,80}[a-z])(?=[^\s,;]{6}))"
)
# Matches a row of backslashes only from its beginning, so that a long row is read once and not once for each backslash.
OPENING = re.compile(r"(?<!\\)(\\*)([\"'`])|([\[{])")
CLOSING = dict((quote, re.compile(r"(?<!\\)\\*" + quote)) for quote in "\"'`")
# Also in a URL within a URL.
EQUALS = ("=", "=>", "%3D", "%3d")
BARE = re.compile(r"[^\s,;&}\])\"']+")
# Another word of a password, unless it is the next label or, behind `password=abc`, the sentence around it.
NEXT_WORD = re.compile(r"(?<!\s)\s+(?![\w.-]+[=:])[^\s,;&}\])\"']+")
SENTENCE = re.compile(
    r"(?i)(?<!\s)\s+(?:and|or|at|by|for|from|in|is|on|to|was|with|but|after|before|then|failed|rejected|refused|denied|does|did|has|not)(?![^\s,;.:)])"
)


def is_secret_name(name):
    """Whether a label's value is a secret. Of two words the first one counts only as a part of what both say: `API key`."""
    last = name.rpartition(" ")[2]
    if PLACE.search(last):
        return False
    return bool(SHORT_NAME.search(last)) or any(found.end() > len(name) - len(last) for found in SECRET_WORD.finditer(name))


def is_header(name):
    own = OWN_HEADER.search(name)
    return bool(HEADER_NAME.search(name)) or bool(own and OWN_HEADER_WORD.search(name, own.end()))


def end_of_quoted(text, position, escapes, quote):
    """Behind the closing quote, which is behind as many backslashes as the opening one; the end of the text without one."""
    for found in CLOSING[quote].finditer(text, position):
        before = found.end() - found.start() - 1
        # In JSON within JSON, `\"` ends a text that `\"` begins, and `\\\"` is a quote in it.
        if before < escapes or before % (2 * (escapes + 1)) == escapes:
            return found.end()
    return len(text)


def end_of_value(text, position, name, separator):
    """Behind the value that begins at a position; the position itself without one."""
    opening = OPENING.match(text, position)
    if opening and opening.group(3):
        close = text.find("]" if opening.group(3) == "[" else "}", position)
        return close + 1 if close >= 0 else len(text)
    if opening:
        return end_of_quoted(text, opening.end(), len(opening.group(1)), opening.group(2))
    found = BARE.match(text, position)
    if not found or PHRASE_NAME.search(name):
        return len(text) if found else position
    while found and PASSWORD_NAME.search(name):
        position = found.end()
        found = None if separator in EQUALS and SENTENCE.match(text, position) else NEXT_WORD.match(text, position)
    return found.end() if found else position


def mask_header(text):
    for found in LABEL.finditer(text):
        if is_header(found.group(1).rpartition(" ")[2]) and found.end() < len(text):
            return text[:found.end()] + MASK
    return text


def mask_labelled(text):
    parts = []
    position = 0
    for found in iter(lambda: LABEL.search(text, position), None):
        name, _, separator = found.groups()
        end = found.end()
        parts.append(text[position:end])
        is_secret = is_secret_name(name) or separator in EQUALS and SESSION_COOKIE.search(name) and not SETTING.match(text, end)
        position = end_of_value(text, end, name, separator) if is_secret else end
        parts += [MASK] if position > end else []
    return "".join(parts) + text[position:]


def mask_prose(text):
    """`with password "two words" for bob`."""
    parts = []
    position = 0
    for found in iter(lambda: PROSE_LABEL.search(text, position), None):
        end = end_of_value(text, found.end(), "", "")
        parts += [text[position:found.end()], MASK]
        position = end
    return "".join(parts) + text[position:]
