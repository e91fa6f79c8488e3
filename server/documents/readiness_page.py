# What a release's readiness check answers, and whether that is UP: JSON with a status, or a plain page that its contract describes.
import re

from instance import health_of, parse_json

# UP, OUT_OF_SERVICE. Without digits: no id or token.
STATUS_WORD = r"[A-Za-z][A-Za-z_-]{0,31}"


def readiness_of(contract):
    """What the readiness check requests: path, and if it has them port, status and contains; None where the contract names none."""
    page = health_of(contract).get("ready")
    if isinstance(page, str):
        page = dict(path=page)
    return page if isinstance(page, dict) and page.get("path") else None


def judge_page(page, status, text):
    """True if the release reports that it works; the answer in a few words; and the body, if these do not explain it."""
    if "status" in page or "contains" in page:
        return judge_plain_page(page, status, text)
    try:
        body = parse_json(text)
    except ValueError:
        body = None
    word = body.get("status") if isinstance(body, dict) else None
    if not isinstance(word, str) or not re.fullmatch(STATUS_WORD, word):
        return False, "%d without a status" % status, text
    return status == 200 and word == "UP", "%d %s%s" % (status, word, down_components(body)), ""


def judge_plain_page(page, status, text):
    expected = page.get("status", 200)
    if status != expected:
        return False, "%d instead of %s" % (status, expected), text
    if str(page.get("contains", "")) not in text:
        return False, "%d without the text that health.ready expects" % status, text
    return True, "%d as expected" % status, ""


def down_components(body):
    """Names of the components that Spring's health endpoint reports as not UP: ` (db, redis)`."""
    components = body.get("components")
    if not isinstance(components, dict):
        return ""
    names = [
        name for name, component in components.items()
        if isinstance(component, dict) and component.get("status") != "UP" and re.fullmatch(r"[A-Za-z]{1,32}", name)
    ]
    return " (%s)" % ", ".join(sorted(names)[:5]) if names else ""
