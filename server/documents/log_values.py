# What the values of a log's line mean: sessions, user agents and paths.
import hashlib
import hmac
import re
import urllib.parse

from set_cookie import attributes_of, is_cookie, is_removed, place_of
from words import reads_as_words

NOTHING = (None, "", "-", "null", "undefined")


def add(counts, key, count=1):
    counts[key] = counts.get(key, 0) + count


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


# The comma of a date is none between two headers.
SET_COOKIE = re.compile(r"(?<![^=;,\s])([^=;,\s]+)\s*=([^;,]*)((?:;[^,]*(?:,(?= ?\d\d?[ -][A-Za-z])[^,;]*)?)*)")


def cookie_in(header, cookie, now):
    """
    The session in Set-Cookie headers; "" where they remove the cookie, None where they set another one. Of one place the last counts; of
    several the last that is set, before one that is removed. `now`: the answer's time, in seconds since the epoch.
    """
    found = dict()
    for name, value, rest in SET_COOKIE.findall(header):
        if cookie is None or is_cookie(name, cookie):
            attributes = attributes_of(rest)
            place = name, place_of(attributes)
            found.pop(place, None)
            value = value.strip()
            found[place] = "" if is_removed(value, attributes, now) else value.strip('"')
            if cookie is None:
                break
    values = list(found.values())
    return next((value for value in reversed(values) if value), "") if values else None


def cookies_named(header, cookie):
    """The cookie's values in a Cookie header, which several paths can give."""
    return [value.strip('"') for name, _, value in (part.strip().partition("=") for part in header.split(";")) if is_cookie(name, cookie)]


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
# These say themselves that they are no people.
MACHINES = ("bot", "health-check", "script")
HEALTH_AGENT = re.compile(
    r"(?i)ELB-HealthChecker|kube-probe|GoogleHC|Route53-Health|health.?check|uptime|pingdom|statuscake|site24x7|check_http|holdfast-probe|monitor|synthetics"
)
BOT_AGENT = re.compile(
    r"(?i)bot\b|bot[/;_-]|crawl|spider|slurp|facebookexternalhit|meta-external|preview|archiver|scrap|headless|lighthouse|scanner|nikto|sqlmap|gptbot"
    r"|feed(?!back)|bingpreview|mediapartners|google-(?:read|inspection|extended|safety)|apis-google|bytespider|ia_archiver|yandex(?!browser|search)"
    r"|baiduspider|petal|semrush|ahrefs|dataprovider|censys|zgrab|masscan|expanse|phantomjs"
    # A browser has no address of its own, and none but old ones are compatible with another.
    r"|^mozilla/.*https?://|^mozilla/5\.0 \(compatible; (?!msie|konqueror|googletoolbar)"
)
# Programs that fetch pages for nobody: libraries and tools under their own names.
SCRIPT_AGENT = re.compile(
    r"(?i)(?:curl|wget|libwww-perl|lwp|python|aiohttp|httpx|go-http-client|java|apache-httpclient|ruby|faraday|rest-client|php|guzzlehttp|node|node-fetch"
    r"|undici|axios|got|postmanruntime|insomnia|httpie|k6|jmeter|ab|apachebench|siege|wrk|vegeta|hey|locust|artillery)(?:[/ (_-]|$)"
)


def agent_class(agent):
    """
    By what a user agent calls itself. A class's own name is taken as it is: a log may have that alone. Apps of people have names of their
    own, and the kits of their platforms: all that is no known program is a person's, until it behaves otherwise.
    """
    if agent in AGENT_CLASSES:
        return agent
    if agent in NOTHING:
        return "none"
    if HEALTH_AGENT.search(agent):
        return "health-check"
    if BOT_AGENT.search(agent):
        return "bot"
    return "script" if SCRIPT_AGENT.match(agent) else "browser"


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
