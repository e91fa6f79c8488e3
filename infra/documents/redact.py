# Removes secrets from a text of the server before a part of it leaves the server. A token is masked, never the sentence around it.
import base64
import urllib.parse

MASK = "***"
# A longer line is cut before it is searched.
LONGEST_LINE = 2048
# A shorter value would mask parts of ordinary words.
SHORTEST_SECRET = 4
# Names of variables and fields that contain secrets. `key` alone is a word of many sentences.
SECRET_NAME = (
    r"[\w.-]*(?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key"
    r"|signature|session[_.-]?id|sessid|jsessionid|authorization|cookie|csrf|xsrf|otp)[\w.-]*"
)
# Those that are parts of ordinary words as well: the whole name, or its last part.
SHORT_NAME = r"(?:[\w.-]*[_.-])?(?:pass|pin|sid)"
# After a name, also in JSON that is a text in JSON.
SEPARATOR = r"\\*[\"']?\s*[=:]\s*"
VALUE = r"\\*\"[^\"]*\"?|'[^']*'?|\[[^\]]*\]?|\{[^}]*\}?|[^\s,;&}\])\"']+"
TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie2?|x-[a-z-]*(?:token|key|auth|secret)[a-z-]*)(\"?\s*[:=]\s*)(?!\*)(.+)")


def mask_value(found):
    # `RedisWrongPasswordException: …` is a class with its message, and `Token.java:12` a place.
    name = found.group(1).rstrip("\\\"'=: \t")
    return found.group(0) if re.search(r"(?:Exception|Error|\.java|\.py|\.[cm]?[jt]s)$", name) else found.group(1) + MASK


PATTERNS = [
    (re.compile(r"(?i)\b(bearer|basic|digest|negotiate)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 " + MASK),
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*"), MASK),
    (re.compile(r"//[^\s\"'<>]*@"), "//" + MASK + "@"),
    (re.compile(r"(?i)[^\s<>\"'(),:;=@*/]{1,128}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}\b"), MASK),
    (re.compile(r"([?&#;][A-Za-z0-9_.%\[\]-]{1,64}=)[^\s&#;\"'<>)]+"), r"\1" + MASK),
    (re.compile(r"(?i)(?<![\w.-])((?:%s|%s)%s)(?:%s)" % (SECRET_NAME, SHORT_NAME, SEPARATOR, VALUE)), mask_value),
    (re.compile(r"(?i)(<%s>)[^<]+" % SECRET_NAME), r"\1" + MASK),
    (re.compile(r"(?i)\b((?:password|passwd|passphrase|secret|token)\s+(?:is\s+|was\s+)?)(\"[^\"]*\"|'[^']*'|`[^`]*`|\[[^\]]*\])"), r"\1" + MASK),
    (re.compile(r"\b(?:A3T|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}"), MASK),
    (re.compile(r"(?i)\b(?:sk|pk|rk|gh[opsu]|glpat|xox[abprs])[-_][A-Za-z0-9_-]{8,}"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])"), MASK),
    (re.compile(r"(?<![0-9.])(?:[0-9]{4}[ -]){3}[0-9]{1,7}(?![0-9])"), MASK),
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
    """A secret as URLs, JSON, HTTP headers, HTML and hex dumps write it."""
    data = secret.encode("utf-8", "surrogateescape")
    encoded = base64.b64encode(data).decode()
    return [
        secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1], encoded, encoded.rstrip("="), base64.urlsafe_b64encode(data).decode().rstrip("="), data.hex(),
        secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
    ]


class Redactor:
    """Removes known values, and whatever looks like a secret. `secrets` are the values that the server itself knows."""

    def __init__(self, secrets=()):
        known = set(text for secret in secrets for text in spellings(secret) if len(secret) >= SHORTEST_SECRET)
        self.known = sorted(known, key=len, reverse=True)

    def without_known(self, text):
        for secret in self.known:
            text = text.replace(secret, MASK)
        return text

    def line(self, text):
        """One line: without control characters and terminal escapes, and with each secret masked."""
        text = self.without_known(UNPRINTABLE.sub("", TERMINAL.sub("", self.without_known(text).replace("\t", " "))))
        if len(text) > LONGEST_LINE:
            # The rest of a token that is cut could not be recognised.
            text = text[:LONGEST_LINE].rpartition(" ")[0]
        text = HEADER.sub(lambda found: found.group(1) + found.group(2) + MASK, text)
        for pattern, replacement in PATTERNS:
            text = pattern.sub(replacement, text)
        return CANDIDATE.sub(mask_opaque, text).strip()


def environment_values(text):
    """Names and values of a file of systemd's, or of the `Environment` property."""
    for name, double, single, bare in re.findall(r"(?m)(\w+)=(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\n]*))", text):
        yield name, re.sub(r"\\(.)", r"\1", double) or single or bare.strip()


def server_secrets(environments):
    """Values of variables whose names say that they are secret, and passwords in URLs, of all these files' texts."""
    for text in environments:
        for name, value in environment_values(text):
            if re.fullmatch("(?i)" + SECRET_NAME + "|.*_?(?:KEY|AUTH|PASS|DSN|PIN|SALT)", name) and not value.startswith("arn:"):
                yield value
            for password in re.findall(r"//[^\s/:@]*:([^\s]+)@", value):
                yield password
                yield urllib.parse.unquote(password)
