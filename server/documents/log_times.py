# Times as servers, frameworks and loggers write them. What is not understood is no time: a wrong one would move a whole hour.
import calendar
import datetime
import functools
import json
import re
import zoneinfo

MINUTE_MS = 60 * 1000
# Of the minutes that are given, the latest ones.
MOST_MINUTES = 120
# In English, German and French, in full and short; also as a server wrote it whose log is not UTF-8.
MONTH_NAMES = (
    "jan january januar janv janvier", "feb february februar fév févr février f\udce9v f\udce9vr f\udce9vrier", "mar march mär märz mrz m\udce4r m\udce4rz mars",
    "apr april avr avril", "may mai", "jun june juni juin", "jul july juli juil juillet", "aug august août aout ao\udcfbt", "sep sept september septembre",
    "oct october okt oktober octobre", "nov november novembre", "dec december dez dezember déc décembre d\udce9c d\udce9cembre",
)
MONTHS = dict((name, number + 1) for number, names in enumerate(MONTH_NAMES) for name in names.split())
ZONES = dict(z=0, utc=0, gmt=0, cet=60, mez=60, cest=120, mesz=120, bst=60, wet=0, west=60, eet=120, eest=180)
AREA = "(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)"
# Hours and minutes of an offset, or a zone's name.
ZONE = r"(?: ?(?P<zone>[+-]\d\d(?::?\d\d)?(?![\d:])|Z(?![A-Za-z])|(?:UTC|GMT|[CEW]ES?T|BST|MEZ|MESZ)(?![A-Za-z])|" + AREA + r"/[A-Za-z_/+-]+))?"
# A zone that several have by this name, or an offset of another form: not to be read without it.
OTHER_ZONE = re.compile(r" ?[+-]\d\d|[+-]| ?(?:[ECMP][SD]T|[AH]K?[SD]T|AK[SD]T|N[SD]T|NZ[SD]T|[BIJKM]ST|MSK|A[CEW][SD]T|WIB|PKT|SGT|HKT|BRT|ART|CLS?T|COT|PET|GST|EAT|[CW]AT)(?![A-Za-z])| [A-Z]{2,5}\]")
CLOCK = r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?(?: (?P<half>[AP]M))?"
MONTH = r"(?P<month>[^\s\d/:.,-]{3,9})\.?"
DAY = r"(?P<day>\d\d?)"
YEAR = r"(?P<year>\d{4})"
FORMS = [re.compile(form) for form in (
    # The common log format, with milliseconds, HAProxy's, which has no zone, and Django's with a space.
    r"\[?" + DAY + "/" + MONTH + "/" + YEAR + "[: ]" + CLOCK + ZONE,
    # ISO 8601, Python's and log4j's, Go's with slashes and gin's with a dash.
    r"[\[\"]?" + YEAR + r"[-/](?P<month>\d\d)[-/](?P<day>\d\d)(?:[T ]| - )" + CLOCK + ZONE,
    # Tomcat's 21-Nov-2026 20:16:57.226, PHP's with a zone, log4j's with spaces; what HTTP writes.
    r"\[?(?:[A-Z][a-z]{1,2}\.?,? )?" + DAY + "[- ]" + MONTH + "[- ]" + YEAR + " " + CLOCK + ZONE,
    # C's asctime, as Apache's error log.
    r"\[?[A-Z][a-z]{1,2}\.? " + MONTH + r" {1,2}" + DAY + " " + CLOCK + " " + YEAR,
    # java.util.logging's.
    MONTH + " " + DAY + ", " + YEAR + ",? " + CLOCK,
)]
EPOCH_TIME = re.compile(r"\[?(\d{10,16}|\d{19})(?:\.(\d{1,9}))?(?![\d-])")
# A level, Ruby's letter of one, or the name of the time, before it.
LEVEL = re.compile(r"(?i)[DIWEFA], (?=\[\d)|time=(?=[\"\d])|\[?(?:trace|debug|info|information|notice|warn|warning|error|err|fatal|critical|severe|[a-z]{1,20}\.(?:info|warning|error|critical))\]?:?[ \t]{1,12}(?=[\[\"\d])")
# Where loggers put the time of a line of JSON. Log4j's is an object.
JSON_TIMES = ("time", "timestamp", "@timestamp", "@t", "ts", "t", "date", "instant", "asctime", "datetime", "Timestamp", "eventTime")


def milliseconds(digits):
    return int((digits or "0")[:3].ljust(3, "0"))


def zone_minutes(text, moment):
    """Minutes east of UTC. Raises ValueError for a zone that is not known."""
    if text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        if int(digits[:2]) > 15 or int(digits[2:]) > 59:
            raise ValueError()
        return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
    if text.lower() in ZONES:
        return ZONES[text.lower()]
    try:
        return zoneinfo.ZoneInfo(text).utcoffset(moment).total_seconds() // 60
    except (KeyError, OSError):
        raise ValueError() from None



def time_ms(text):
    """Milliseconds since the epoch of the time that a text begins with; None if it begins with none, or with one that is not understood."""
    try:
        return read_time(text)
    except (ValueError, OverflowError):
        # Month 13, or year 0: a client's text can begin a line of its own in some logs.
        return None


def read_time(text):
    for form in FORMS:
        found = form.match(text)
        if found:
            return moment_ms(found, text)
    found = EPOCH_TIME.match(text)
    if not found:
        return None
    whole = found.group(1)
    # Seconds, milliseconds, microseconds or nanoseconds.
    if len(whole) < 12:
        return int(whole) * 1000 + milliseconds(found.group(2))
    return int(whole) // (1 if len(whole) < 15 else 1000 if len(whole) < 19 else 1000000)


def moment_ms(found, text):
    parts = found.groupdict()
    month = parts["month"]
    month = int(month) if month.isdigit() else MONTHS.get(month.lower())
    if month is None:
        return None
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"] == "PM" else 0)
    moment = datetime.datetime(int(parts["year"]), month, int(parts["day"]), hour, int(parts["minute"]), int(parts["second"]))
    zone = parts.get("zone")
    if not zone and OTHER_ZONE.match(text, found.end()):
        return None
    # A time without a zone is in the server's own zone.
    whole = int(moment.timestamp()) if not zone else calendar.timegm(moment.timetuple()) - zone_minutes(zone, moment) * 60
    return int(whole) * 1000 + milliseconds(parts["fraction"])


# The requests of a second have the same text.
seen_time_ms = functools.lru_cache(maxsize=4096)(time_ms)


def line_time_ms(line):
    """The time of a line of an application's log: at its begin, behind its level, or in its JSON."""
    if line[:1] == "{":
        return json_time_ms(line)
    level = LEVEL.match(line)
    return time_ms(line[level.end():] if level else line) if level or line[:1] in "[\"0123456789" or line[:3].isalpha() else None


def json_time_ms(line):
    """The time that a line of JSON names for itself; None if it names none."""
    try:
        entry = json.loads(line)
        times = (entry.get(name) for name in JSON_TIMES) if isinstance(entry, dict) else ()
        found = (instant_ms(value) if isinstance(value, dict) else time_ms(str(value)) for value in times)
        return next((at for at in found if at is not None), None)
    except (ValueError, RecursionError):
        # Also of a value that is nested too deeply to be written as a text.
        return None


def instant_ms(value):
    """Log4j's: `{"epochSecond": …, "nanoOfSecond": …}`."""
    at, nanoseconds = time_ms(str(value.get("epochSecond"))), value.get("nanoOfSecond")
    return at if at is None or not isinstance(nanoseconds, int) or not 0 <= nanoseconds < 10 ** 9 else at + nanoseconds // 10 ** 6
