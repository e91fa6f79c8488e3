# Pages of the application, asked for on its localhost as the load balancer would ask, and the session cookie that they set.
import http.client
import re

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
    """Value and attributes of the Set-Cookie header of that name; None if there is none."""
    for header in headers.get_all("Set-Cookie") or []:
        pair, *attributes = header[:LONGEST_COOKIE].split(";")
        found, _, value = pair.strip().partition("=")
        if found == name:
            named = dict((key.strip().lower(), text.strip()) for key, _, text in (part.partition("=") for part in attributes))
            return value, named
    return None
