# Removes secrets from a text of the server before a part of it leaves the server. A token is masked, never the sentence around it.
import base64
import json
import re
import urllib.parse

from labelled_values import (
    MASK,
    SECRET_WORD,
    SHORT_NAME,
    is_secret_name,
    mask_header,
    mask_labelled,
    mask_prose,
)
from words import printable, reads_as_words


# Behind AUTH these are the sentence around it: `AUTH failed`.
PROSE = (
    "and|but|by|called|cannot|command|denied|error|failed|failure|for|from|has|in|is|must|not|on|option|or|refused|rejected|required|returned"
    "|set|succeeded|timed|to|was|with|without|ERR|WRONGPASS"
)
WORD = r"(?!<\w+>|(?:%s)(?=[.,:;!?)\]]*(?:\s|$))|\\*[\"'`]?(?:AUTH2?|requirepass|masterauth)(?=[\s,\"'`]|$))(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\S+)" % PROSE
COMMAND = re.compile(
    r"((?:\bAUTH2?|(?i:[\"']auth2?|\b(?:requirepass|masterauth|auth-pass\s\S{1,80}|(?:redis|valkey)-cli\b.{0,200}?\s(?:-a|--pass))))"
    r"\\*[\"'`]?[\s,]{1,4})%s(?:[\s,]{1,4}%s)?" % (WORD, WORD)
)
# As clients of Node print a failed command.
ARGUMENTS = re.compile(r"(?i)\b((?:auth|config|acl|hello|migrate)[\"']?, ?[\"']?args[\"']?: ?)\[[^\]]*\]?")
# As an engine prints a command that it does not know.
BEGINNING = re.compile(r"(?i)(\bwith args beginning with:\s?)\S.*")
# `ACL SETUSER app on >password #hash ~*`.
RULES = re.compile(r"(?i)\bSETUSER\b.*")


def mask_commands(text):
    text = BEGINNING.sub(r"\1***", text)
    text = RULES.sub(lambda found: re.sub(r"([\s\"'][<>#!])[^\s\"']+", r"\1***", found.group(0)), text)
    return COMMAND.sub(r"\1***", ARGUMENTS.sub(r"\1***", text))


# Before the names of the fleet's variables whose values are secrets of Secrets Manager or Parameter Store.
RESOLVED = "HOLDFAST_SECRET_"
SHORTEST_RESOLVED = 8
# A longer line is cut before it is searched.
LONGEST_LINE = 2048
# A shorter value would mask parts of ordinary words.
SHORTEST_SECRET = 4


def mask_login(found):
    """The user and password of a URL: all up to its last @."""
    _, at, host = found.group(0).rpartition("@")
    return "//" + MASK + at + host if at else found.group(0)


def mask_element(found):
    return found.group(1) + MASK if is_secret_name(found.group(2)) else found.group(0)


def mask_php_id(found):
    """PHP's session ids can have commas. A list of words and numbers has them as well."""
    token = found.group(0)
    mixed = re.search("[0-9]", token) and re.search("[a-z]", token) and re.search("[A-Z]", token)
    is_list = all(re.fullmatch("[0-9]+|[A-Z]?[a-z]*|[A-Z]+", part) or reads_as_words(part) for part in re.split("[,-]", token))
    return MASK if mixed and not is_list else token


# In their order.
BEFORE_LABELS = [
    # Options of commands.
    (re.compile(r"(?i)((?<![\w-])--?[\w-]{0,40}?(?:pass|token|secret|key)[\w-]{0,40}[ =])(?:\"[^\"]*\"|'[^']*'|\S+)"), r"\1" + MASK),
    (re.compile(r"(?<!\S)((?:-u|--user)[ =]?[^\s:]{1,128}:)\S+"), r"\1" + MASK),
    (re.compile(r"(\b(?:mysql\w{0,16}|mariadb\w{0,16}|sshpass|docker login)\s(?:.{0,200}?\s)??-p\s?)(?=\S)(?:\"[^\"]*\"|'[^']*'|\S+)"), r"\1" + MASK),
    (re.compile(r"(?i)\b(bearer|basic|digest|negotiate)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 " + MASK),
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*"), MASK),
    (re.compile(r"//[^\s\"'<>]*"), mask_login),
    (re.compile(r"(?i)[^\s<>\"'(),:;=@*/]{1,128}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}\b"), MASK),
    (re.compile(r"([?&#;][A-Za-z0-9_.%\[\]-]{1,64}=)[^\s&#;\"'<>)]+"), r"\1" + MASK),
]
AFTER_LABELS = [
    # The store's own sentences have `<password>` for what it was not given.
    (re.compile(r"(<([\w.-]+)>)(?! (?:called|option) )[^<]+"), mask_element),
    (re.compile(r"\b(?:A3T|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}"), MASK),
    (re.compile(r"(?i)\b(?:sk|pk|rk|gh[opsu]|glpat|xox[abprs])[-_][A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])"), MASK),
    (re.compile(r"(?<![0-9.])(?:[0-9]{4}[ -]){3}[0-9]{1,7}(?![0-9])"), MASK),
    (re.compile(r"((?:\bsess|PHPREDIS_SESSION):)[\w,.%-]+"), r"\1" + MASK),
    (re.compile(r"[A-Za-z0-9,-]{22,}"), mask_php_id),
]
# A candidate for an id, key or signature. A path's parts and a class name's parts are candidates of their own.
CANDIDATE = re.compile(r"[A-Za-z0-9_+/-]{16,}=*")


def mask_opaque(found):
    token = found.group(0)
    # In a path each part is judged by itself; standard base64 has slashes as well, in longer parts.
    parts = token.split("/")
    if len(parts) > 1 and all(len(part) < 16 or reads_as_words(part) for part in parts) and reads_as_words(token):
        return token
    return token if len(parts) == 1 and reads_as_words(token) else MASK


def spellings(secret):
    """A secret as URLs, JSON, HTTP headers, HTML and hex dumps write it; and as a line shows it whose blanks are collapsed."""
    data = secret.encode("utf-8", "surrogateescape")
    encoded = base64.b64encode(data).decode()
    written = [
        secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1], encoded, encoded.rstrip("="), base64.urlsafe_b64encode(data).decode().rstrip("="), data.hex(),
        secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
    ]
    written += [written[4].replace("/", "\\/"), re.sub("[&<>]", lambda found: "\\u%04x" % ord(found.group(0)), written[4])]
    return written + [" ".join(text.split()) for text in written]


class Redactor:
    """Removes known values, and whatever looks like a secret. `secrets` are the values that the server itself knows."""

    def __init__(self, secrets=()):
        known = set(text for secret in secrets if len(secret) >= SHORTEST_SECRET for text in spellings(secret) if len(text) >= SHORTEST_SECRET)
        self.known = sorted(known, key=len, reverse=True)

    def without_known(self, text):
        for secret in self.known:
            text = text.replace(secret, MASK)
        return text

    def without_cut_word(self, text):
        """A text that was cut, without what the cut can have left of a word, and of a known secret that has several."""
        text = (text.rsplit(None, 1) + [""])[0] if re.search(r"\S\s", text) else ""
        for secret in self.known:
            for blank in re.finditer(r"\s+", secret):
                if text.endswith(secret[:blank.start()]):
                    text = text[:-blank.start()]
        return text

    def line(self, text):
        """One line: without control characters and terminal escapes, and with each secret masked. It must be a whole one: a part that a
        limit left of a known secret is not recognised."""
        text = self.without_known(printable(self.without_known(text)))
        if len(text) > LONGEST_LINE:
            # The rest of a token that is cut could not be recognised.
            text = text[:LONGEST_LINE].rpartition(" ")[0]
        text = mask_header(mask_commands(text))
        for pattern, replacement in BEFORE_LABELS:
            text = pattern.sub(replacement, text)
        text = mask_prose(mask_labelled(text))
        for pattern, replacement in AFTER_LABELS:
            text = pattern.sub(replacement, text)
        text = CANDIDATE.sub(mask_opaque, text).strip()
        # A mask can be longer than what it hides.
        return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE].rpartition(" ")[0]


# A variable of a file of systemd's, or of the `Environment` property.
VARIABLE_LINE = re.compile(r"(?m)(?<!\w)(\w+)=(?:\"([^\"\\]*(?:\\.[^\"\\]*)*)\"|'([^']*)'|([^\n]*))")
SECRET_VARIABLE = re.compile(r"(?i)(?:KEY|AUTH|PASS|DSN|PIN|SALT)$")
LOGIN = re.compile(r"//[^\s/:@]*:")


def environment_values(text):
    """Names and values."""
    for name, double, single, bare in VARIABLE_LINE.findall(text):
        yield name, re.sub(r"\\(.)", r"\1", double) or single or bare.strip()


def url_passwords(value):
    for word in value.split():
        login = word.rpartition("@")[0]
        found = LOGIN.search(login)
        if found and found.end() < len(login):
            yield login[found.end():]


def parts_of(value):
    """The value, and what an application makes of it: its lines, the items of a list, the texts of a JSON object."""
    yield value
    try:
        inner = json.loads(value)
    except (ValueError, RecursionError):
        inner = None
    if isinstance(inner, dict):
        for one in inner.values():
            yield str(one)
    else:
        yield from value.splitlines()
        yield from re.split(r"[\s,;]+", value)


def server_secrets(environments):
    """Values of variables whose names say that they are secret, and passwords in URLs, of all these files' texts."""
    for text in environments:
        for name, value in environment_values(text):
            if name.startswith(RESOLVED):
                # As fetch-environment wrote it, whatever the name says. A shorter one is a user, a port.
                try:
                    name, value = name[len(RESOLVED):], base64.b64decode(value).decode("utf-8", "replace")
                except ValueError:
                    continue
                yield from (part for part in parts_of(value) if len(part) >= SHORTEST_RESOLVED)
            if (SECRET_WORD.search(name) or SECRET_VARIABLE.search(name) or SHORT_NAME.search(name)) and not value.startswith("arn:"):
                yield value
            for password in url_passwords(value):
                yield password
                yield urllib.parse.unquote(password)
