# Pages of the application, asked for on its localhost as the load balancer would ask, and the session cookie that they set.
import email.utils
import http.client
import re
import time

from time_limit import Expired, HTTP_SECONDS, TimeLimit, VALID_PATH

LONGEST_COOKIE = 4096


def ask_page(port, path, protocol, cookie, most=0):
    """One answer on the server's localhost, with at most the given number of bytes of its text. Raises OSError, HTTPException."""
    if not isinstance(path, str) or not re.fullmatch(VALID_PATH, path):
        raise http.client.InvalidURL()
    headers = dict([("User-Agent", "holdfast-probe"), ("Connection", "close"), ("X-Forwarded-Proto", protocol)])
    if cookie:
        headers["Cookie"] = cookie
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)
    try:
        with TimeLimit(HTTP_SECONDS):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response, response.read(most).decode("utf-8", "replace") if most else ""
    except Expired:
        raise TimeoutError("no response after %d s" % HTTP_SECONDS) from None
    finally:
        connection.close()


def cookie_attributes(headers, name):
    """
    Value and attributes of the cookie of that name, as a browser keeps it: the last one of each path counts, and one that is set before one
    that is deleted. None if there is none, or only deletions.
    """
    kept = dict()
    for header in headers.get_all("Set-Cookie") or []:
        pair, *attributes = header[:LONGEST_COOKIE].split(";")
        found, _, value = pair.strip().partition("=")
        if found == name:
            named = dict((key.strip().lower(), text.strip()) for key, _, text in (part.partition("=") for part in attributes))
            path = named.get("path")
            kept.pop(path, None)
            if not is_deletion(value, named):
                kept[path] = (value, named)
    return list(kept.values())[-1] if kept else None


def is_deletion(value, attributes):
    """Max-Age is stronger than Expires. A time that cannot be read ends nothing."""
    if re.fullmatch("-?[0-9]{1,10}", attributes.get("max-age", "")):
        return int(attributes["max-age"]) <= 0
    try:
        return not value or email.utils.parsedate_to_datetime(attributes["expires"]).timestamp() <= time.time()
    except (KeyError, TypeError, ValueError, OverflowError):
        return not value
