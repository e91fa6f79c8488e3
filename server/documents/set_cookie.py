# What a browser makes of Set-Cookie headers. https://www.rfc-editor.org/rfc/rfc6265#section-5
import datetime
import functools
import re

LONGEST_DATE = 100
# What stands between the parts of a date: all but letters, digits and colons.
BETWEEN_PARTS = re.compile(r"[\t -/;-@\[-`{-~]+")
COOKIE_MONTHS = re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec")
# Clock, day, month and year, each by the first part that can be one.
DATE_PARTS = [re.compile(part) for part in (r"(\d\d?:\d\d?:\d\d?)(?!\d)", r"(\d\d?)(?!\d)", "(?i)(%s)" % "|".join(COOKIE_MONTHS), r"(\d{2,4})(?!\d)")]

# What a session that is too large for one cookie has behind its name: `NAME.0`, `NAME_0`, `NAME__0`, and ASP.NET's `NAMEC1` next to NAME=chunks-2.
CHUNK = re.compile(r"(?:(?:[._-]{1,2}|[Cc])\d\d?)?")
# A session in chunks is known by its first one.
FIRST_CHUNK = re.compile(r"(?:[._-]{1,2}0|[Cc]1)?")


def is_cookie(found, name, chunk=FIRST_CHUNK):
    return found.startswith(name) and chunk.fullmatch(found, len(name)) is not None


@functools.lru_cache(4096)
def cookie_date(text):
    """Seconds since the epoch, as a browser reads it: in UTC, whatever it says. None for what is not a date."""
    found = dict()
    for token in BETWEEN_PARTS.split(text[:LONGEST_DATE]):
        matches = ((part, part not in found and part.match(token)) for part in DATE_PARTS)
        found.update(next(([(part, match.group(1))] for part, match in matches if match), ()))
    clock, day, month, year = (found.get(part) for part in DATE_PARTS)
    if not (clock and day and month and year):
        return None
    year = int(year)
    year += 1900 if 70 <= year <= 99 else 2000 if year <= 69 else 0
    when = [year, COOKIE_MONTHS.index(month.lower()) + 1, int(day)] + [int(part) for part in clock.split(":")]
    try:
        return datetime.datetime(*when, tzinfo=datetime.timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None


@functools.lru_cache(4096)
def attributes_of(text):
    """What follows the value, by names in lower case; of two of one name the last counts. Not to be changed: most are the same at each answer."""
    return dict((key.strip().lower(), value.strip()) for key, _, value in (part.partition("=") for part in text.split(";")))


def place_of(attributes):
    """Cookies of one name in two places are two cookies. A path that does not begin with a slash is the page's own."""
    path = attributes.get("path", "")
    return path if path.startswith("/") else None, attributes.get("domain", "").lstrip(".").lower(), "partitioned" in attributes


def ends_at(attributes, now):
    """When the cookie ends, in seconds since the epoch; None for one that ends with the browser. Max-Age is stronger than Expires."""
    if re.fullmatch("-?[0-9]{1,100}", attributes.get("max-age", "")):
        return now + int(attributes["max-age"])
    return cookie_date(attributes["expires"]) if "expires" in attributes else None


def is_removed(value, attributes, now):
    """Whether a browser has no session by it. It would keep an empty value, which names none."""
    ends = ends_at(attributes, now)
    return not value.strip('"') or ends is not None and ends <= now
