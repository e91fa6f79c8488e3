# What the values of a log's line mean: times, sessions, user agents and paths.
import calendar
import datetime
import hashlib
import hmac
import re
import urllib.parse

from words import reads_as_words

MONTHS = dict((name, number + 1) for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()))
CLF_TIME = re.compile(r"\[?(\d\d)/([A-Z][a-z][a-z])/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d+))? ([+-])(\d\d):?(\d\d)")
ISO_TIME = re.compile(r"[\[\"]?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(?:(Z)|([+-])(\d\d):?(\d\d)))?")
# Tomcat's own logging: 21-Nov-2026 20:16:57.226.
JULI_TIME = re.compile(r"(\d\d)-([A-Z][a-z][a-z])-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?")
EPOCH_TIME = re.compile(r"\[?(\d{10,16})(?:\.(\d{1,9}))?(?![\d-])")
NOTHING = (None, "", "-", "null", "undefined")


def add(counts, key):
    counts[key] = counts.get(key, 0) + 1


def milliseconds(digits):
    return int((digits or "0")[:3].ljust(3, "0"))


def zoned_ms(moment, fraction, sign, hours, minutes):
    """A time with a zone's offset from UTC."""
    offset = (-1 if sign == "-" else 1) * (int(hours) * 3600 + int(minutes) * 60)
    return (calendar.timegm(tuple(map(int, moment))) - offset) * 1000 + milliseconds(fraction)


def local_ms(moment, fraction):
    """A time without a zone is in the server's own zone."""
    return int(datetime.datetime(*map(int, moment)).timestamp()) * 1000 + milliseconds(fraction)


def time_ms(text):
    """Milliseconds since the epoch of the time that a text begins with; None if it begins with none."""
    try:
        return read_time(text)
    except (ValueError, OverflowError):
        # Month 13, or year 0: a client's text can begin a line of its own in some logs.
        return None


def read_time(text):
    found = CLF_TIME.match(text)
    if found:
        day, month, year, hour, minute, second, fraction, sign, hours, minutes = found.groups()
        return zoned_ms((year, MONTHS.get(month, 1), day, hour, minute, second), fraction, sign, hours, minutes)
    found = ISO_TIME.match(text)
    if found:
        year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = found.groups()
        moment = (year, month, day, hour, minute, second)
        return zoned_ms(moment, fraction, sign, hours or 0, minutes or 0) if utc or sign else local_ms(moment, fraction)
    found = JULI_TIME.match(text)
    if found:
        day, month, year, hour, minute, second, fraction = found.groups()
        return local_ms((year, MONTHS.get(month, 1), day, hour, minute, second), fraction)
    found = EPOCH_TIME.match(text)
    if not found:
        return None
    whole = found.group(1)
    # Seconds, milliseconds or microseconds.
    return int(whole) * 1000 + milliseconds(found.group(2)) if len(whole) < 12 else int(whole) if len(whole) < 15 else int(whole) // 1000


# A server's name behind the id, as Tomcat's jvmRoute. A signature is longer, or reads like none.
ROUTE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
INSTANCE_ROUTE = re.compile(r"m?i-[0-9a-f]{3,17}")
# An id as Tomcat makes it. Whatever follows the first dot is its route: a host's name, an address, a number.
TOMCAT_ID = re.compile(r"[0-9A-F]{32}")
TOMCAT_ROUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
SIGNED_COOKIE = re.compile(r"(?i)s%3a")
# Outside this server, a session is known by this many digits of its hash.
HASH_DIGITS = 12


def is_route(text):
    if INSTANCE_ROUTE.fullmatch(text):
        return True
    return bool(ROUTE.fullmatch(text)) and (len(text) < 16 or reads_as_words(text))


def split_session(value):
    """
    The id and its route; a value with several dots is a token, which has none. Each text is an id of its own: a client can send one that
    only resembles its session, and the server does not know that.
    """
    if SIGNED_COOKIE.match(value):
        # express-session escapes its cookie, and reads it either way.
        value = urllib.parse.unquote(value)
    begin, _, end = value.partition(".")
    if TOMCAT_ID.fullmatch(begin) and TOMCAT_ROUTE.fullmatch(end):
        return begin, end
    if value.count(".") != 1:
        return value, None
    bare, suffix = value.split(".")
    # express-session's `s:` is signed: what follows is the signature, and a part of the text.
    return (bare, suffix) if bare and not bare.startswith("s:") and is_route(suffix) else (value, None)


def cookie_in(header, cookie):
    """The session in a Set-Cookie header; "" where it removes the cookie, None where it sets another one."""
    for part in re.findall(r"(?<![^=;,\s])([^=;,\s]+)=([^;,]*)((?:;[^,]*(?:,(?= \d\d[ -])[^,;]*)?)*)", header):
        if cookie is None or part[0] == cookie:
            removed = not part[1] or re.search(r"(?i)max-age=0(?!\d)|expires=[a-z]*,? ?0?1[ -]jan[ -]1970", part[2])
            return "" if removed else part[1].strip('"')
    return None


class Hasher:
    """Ids as the first digits of an HMAC under the incident's key: the same on every server, and nothing to find an id by."""

    def __init__(self, key):
        self.key = key
        self.known = dict()

    def of(self, value):
        """The hash and the route of a cookie's value."""
        found = self.known.get(value)
        if found is None:
            bare, route = split_session(value)
            if len(self.known) > 50000:
                self.known.clear()
            digest = hmac.new(self.key, bare.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
            found = self.known[value] = (digest[:HASH_DIGITS], route)
        return found


AGENT_CLASSES = ("browser", "bot", "health-check", "script", "none", "unknown")
HEALTH_AGENT = re.compile(
    r"(?i)ELB-HealthChecker|kube-probe|GoogleHC|Route53-Health|health.?check|uptime|pingdom|statuscake|site24x7|check_http|holdfast-probe|monitor|synthetics"
)
BOT_AGENT = re.compile(r"(?i)bot\b|bot[/;_-]|crawl|spider|slurp|facebookexternalhit|preview|archiver|scrap|headless|lighthouse|scanner|nikto|sqlmap|gptbot|feed")
BROWSER_AGENT = re.compile(r"Mozilla/|Opera/")


def agent_class(agent):
    """By what a user agent calls itself. A class's own name is taken as it is: a log may have that alone."""
    if agent in AGENT_CLASSES:
        return agent
    if agent in NOTHING:
        return "none"
    if HEALTH_AGENT.search(agent):
        return "health-check"
    if BOT_AGENT.search(agent):
        return "bot"
    return "browser" if BROWSER_AGENT.match(agent) else "script"


# Parts of a path that are written as they are. Every other part could be a name or an id, and becomes *.
PATH_WORDS = set((
    "about account accounts action actuator admin ads api app apps article articles asset assets auth authenticate authorize basket "
    "billing blog browse callback cart catalog categories category chat check checkout comment comments confirm contact content count "
    "css customer customers dashboard data delete detail details docs download downloads edit en error events export faq favicon.ico feed file "
    "files forgot fonts forum graphql group groups health healthz help history home images img import index index.html index.jsp info "
    "internal invoice invoices item items job jobs js json jsp legal list live livez login logout mail me media messages metrics mobile new news "
    "notifications oauth oauth2 offers order orders page pages password pay payment payments ping photos post posts preferences pricing "
    "privacy product products profile public queue ready readyz register report reports reset rest review reviews robots.txt rss saml save "
    "search secure send service services session sessions settings shipping shop signin signout signup sitemap.xml slow socket sso start static "
    "stats status store stream submit subscribe support tag tags tasks terms test tickets token tools track update upload uploads user "
    "users v1 v2 v3 v4 verify version view web webhook websocket welcome wishlist ws xml"
).split())
LONGEST_PATH = 4


class Paths:
    """Paths without what a client or a user has put into them."""

    def __init__(self, known_paths):
        self.words = set(PATH_WORDS)
        for path in known_paths:
            if isinstance(path, str):
                self.words.update(part for part in path.partition("?")[0].split("/") if re.fullmatch(r"[A-Za-z][A-Za-z._-]{0,31}", part))

    def plain(self, path):
        # `GET /cart?id=7 HTTP/1.1`, or the path alone; maybe a whole URL.
        words = path.split(" ")
        path = words[1] if len(words) > 1 and re.fullmatch("[A-Z]{3,10}", words[0]) else words[0]
        path = re.sub(r"^[a-z]+://[^/]*", "", path)
        parts = [part.partition(";")[0] for part in re.split(r"[?#]", path)[0].split("/") if part]
        plain = [part if part in self.words else "*" for part in parts[:LONGEST_PATH]]
        return "/" + "/".join(plain) + ("/*" if len(parts) > LONGEST_PATH else "")


def session_in_path(path, cookie=None):
    """Where the id is in the URL, as Tomcat writes it without cookies: by the cookie's name, if the application gives it another one."""
    found = re.search(r"(?i);(?:jsessionid|%s)=([A-Za-z0-9._-]{8,200})(?![^/;?# ])" % re.escape(cookie or "jsessionid"), path)
    return found.group(1) if found else None
