# Requests to which a page of another site has led, with and without the session's cookie. SameSite=Strict keeps it back from links and
# redirects, Lax from changes alone: they are counted apart.
import functools
import re

from log_requests import CHANGES, LOST
from log_values import NOTHING

MOST_SITES = 2000
# How a change is answered whose session is missed, also by what compares a form with the session.
REFUSED_CHANGE = LOST + (403, 419, 422)
# Labels below which a country's registry gives names.
BELOW_COUNTRY = re.compile("(ac|com?|edu|gob?|go?v|ltd|mil|net?|nom|org?|plc|sch)[.][a-z][a-z]")
RETURNS_SHOWN = ("withCookie", "withoutCookie", "refused")


def site_of(text):
    """
    Of a URL or a Host header: the part of the host's name that all hosts of one owner share, as far as a name shows it, which is two labels, or
    three below a country's `co`. A server has no list of public suffixes: two customers of one provider are taken for one site, so that too
    little is counted, never too much.
    """
    host = re.sub(":[0-9]*$|[.]$", "", re.split("[/?#]", re.sub("^[^/]*://", "", text.lower()[:200]))[0])
    labels = host.split(".")
    if labels[-1].isdigit():
        return host
    return ".".join(labels[-3 if BELOW_COUNTRY.fullmatch(".".join(labels[-2:])) else -2 :])


@functools.lru_cache(20000)
def site_between(referer, own):
    """`same`, `other`, or the referer's site where the log has no host."""
    if referer in ("same", "other"):
        return referer
    site = site_of(referer)
    return site[:100] + "/" if own in NOTHING else "same" if site == site_of(own) else "other"


class OtherSites:
    def __init__(self):
        # By site: of links, then of changes, those with the cookie, those without, and those of the latter that were refused.
        self.counts = dict()

    def note(self, values, named, flags, is_preflight):
        """A browser sends no cookie with a preflight request."""
        if values.get("referer") in NOTHING or is_preflight:
            return
        site = site_between(values["referer"], values.get("host"))
        if site in self.counts or len(self.counts) < MOST_SITES:
            counts = self.counts.setdefault(site, [0] * 6)
            first = 3 * (flags & 3 == CHANGES)
            counts[first + (not named)] += 1
            counts[first + 2] += not named and int(values["status"]) in (REFUSED_CHANGE if first else LOST)

    def result(self):
        """Where the log has no host, the most frequent site is the server's own. A log without methods shows links alone."""
        counts = dict(self.counts)
        counts.pop("same", None)
        own = max((site for site in counts if "/" in site), key=lambda site: sum(counts[site][:2] + counts[site][3:5]), default=None)
        sums = [sum(each[number] for site, each in counts.items() if site != own) for number in range(6)]
        posts = dict(posts=dict(zip(RETURNS_SHOWN, sums[3:]))) if any(sums[3:]) else dict()
        return dict(zip(RETURNS_SHOWN, sums), **posts)
