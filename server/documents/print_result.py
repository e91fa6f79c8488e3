# The one line that a script prints: what leaves the server.
import json

from words import printable


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
