# Lines of JSON, by the dotted names of their fields.
from instance import parse_json

# What a field of a line shows. `set` is the header Set-Cookie, `answered` the session that a request ended with.
LOG_FIELDS = ("time", "status", "session", "answered", "set", "path", "agent", "referer", "host", "method")
# Between the values of a header that is a list.
BETWEEN = dict(set=", ", session="; ")


def value_at(entry, name, path):
    """Of objects in objects, or of one whose names have dots. Names of headers are the same in any case."""
    if name in entry:
        return entry[name]
    for part in path:
        if isinstance(entry, list) and len(entry) == 1:
            entry = entry[0]
        if not isinstance(entry, dict):
            return None
        entry = entry[part] if part in entry else next((value for key, value in entry.items() if key.lower() == part.lower()), None)
    return entry


def as_text(value, between):
    if isinstance(value, list):
        return between.join(each for each in value if isinstance(each, str)) or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def read_json_line(names):
    """A function from a line to its fields, or None; `names` is the dotted name of each field."""
    paths = [(field, name, name.split(".")) for field, name in names.items()]

    def read(line):
        try:
            entry = parse_json(line)
        except ValueError:
            return None
        if not isinstance(entry, dict):
            return None
        values = dict((field, as_text(value_at(entry, name, path), BETWEEN.get(field, ", "))) for field, name, path in paths)
        return values if values.get("time") and values.get("status") else None

    return read
