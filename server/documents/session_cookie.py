# Pages of the application, asked for on its localhost as the load balancer would ask, and the session cookie that they set.
import http.client
import re
import time

from set_cookie import CHUNK, attributes_of, cookie_date, is_cookie, is_removed, place_of
from time_limit import Expired, HTTP_SECONDS, TimeLimit, VALID_PATH


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


def cookie_attributes(headers, name, page="/"):
    """
    Value, attributes and name of the cookie of that name that a browser would send first to the page: the last one of each place counts, and one
    that is removed next to it is another cookie's. Of one in chunks, the first one's, with the others behind its value. None if there is none, or
    only removals.
    """
    kept, now = dict(), answered_at(headers)
    for header in headers.get_all("Set-Cookie") or []:
        pair, _, rest = header.partition(";")
        found, _, value = pair.partition("=")
        found = found.strip()
        if is_cookie(found, name, CHUNK):
            value, attributes = value.strip(), attributes_of(rest)
            cookies = kept.pop(place_of(attributes), dict())
            cookies.pop(found, None)
            if not is_removed(value, attributes, now):
                cookies[found] = (value, attributes)
            if cookies:
                kept[place_of(attributes)] = cookies
    if not kept:
        return None
    # Of two that are sent, servers take the one with the longer path, which comes first.
    _, (_, cookies) = max(enumerate(kept.items()), key=lambda item: (reach(item[1][0][0], page), item[0]))
    (found, (value, attributes)), *others = cookies.items()
    return "; ".join([value] + ["%s=%s" % (other, rest) for other, (rest, _) in others]), attributes, found


def reach(path, page):
    """Length of a cookie's path if the page is within it; 0 if it is the folder of the page that has set it."""
    if path is None:
        return 0
    return len(path) if page == path or page.startswith(path.rstrip("/") + "/") else -1


def answered_at(headers):
    """By the answer's own clock, which its dates are of; by this one without it."""
    stated = cookie_date(headers.get("Date") or "")
    return time.time() if stated is None else stated
