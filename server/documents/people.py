# What people met, by the requests of an access log: before a moment, and since another one. A person is a session that requests named.
import re

from log_requests import CHANGES, NOT_SHOWN, RETURNS, method_of
from log_values import add

PEOPLE_KINDS = ("turnedAway", "refused", "newSession", "missingParts", "serverErrors")
TURNED_AWAY, REFUSED, NEW_SESSION, MISSING_PARTS, SERVER_ERRORS = range(len(PEOPLE_KINDS))
SENT_ON = (301, 302, 303, 307, 308)
# 419: Laravel, of a form whose session is not known.
REFUSALS = (401, 403, 419)
# Added to what a request's method and path say: it is for a script, a style, a font or an image.
PART = 64
PART_PATH = re.compile(r"(?i)[.](?:m?js|css|woff2?|ttf|otf|png|jpe?g|gif|svg|webp|avif|ico)$")
NAMED_LOGIN = 32
LEAVES = 8
# Of those whom a page with another address sends on, this part asks the same server for the new one: of a fleet of eight, one in eight.
LED_ON = 0.1
MOST_PEOPLE = 700
MOST_HURT_PATHS = 12


class People:
    """
    Counts of people by kind, of the requests between `from_ms` and `until_ms` (before) and from `since_ms` on (now). Before is cut into slices
    as long as now, so that both say what happens to people within one such time.
    """

    def __init__(self, rows, sessions, times, logins, health):
        self.rows, self.sessions, self.logins, self.health = rows, sessions, logins, health
        self.from_ms, self.until_ms, self.since_ms, self.to_ms = times
        self.length_ms = max(1000, self.to_ms - self.since_ms)
        # Requests and redirects before, by page and method.
        self.asked, self.sent_on, self.missing = dict(), dict(), dict()
        shows_sessions = any(row[1] >= 0 for row in rows)
        for at, named, _, page, status, flags in rows:
            # Crawlers are sent away where users are served.
            if at < self.until_ms and (named >= 0 or not shows_sessions):
                add(self.asked, (page, method_of(flags)))
                if status in SENT_ON:
                    add(self.sent_on, (page, method_of(flags)))
                if status == 404:
                    add(self.missing, (page, method_of(flags)))
        self.known_pages = set(row[3] for row in rows if row[0] < self.until_ms)
        self.renamed = self.find_renamed()
        self.before, self.now = PeopleCounts(), PeopleCounts()
        for at, named, answered, page, status, flags in rows:
            counts = self.now if at >= self.since_ms else self.before if at < self.until_ms else None
            if counts is None or page in health:
                continue
            person = (sessions[named][0], 0 if counts is self.now else (at - self.from_ms) // self.length_ms) if named >= 0 else None
            counts.take(person, page, status, self.kinds_of(named, answered, page, status, flags))

    def served(self, page, method):
        """Whether a page answered before, and not by sending most people on, as a form does."""
        asked = self.asked.get((page, method), 0)
        return self.was_there(page, method) and self.sent_on.get((page, method), 0) * 2 < asked

    def was_there(self, page, method):
        return self.asked.get((page, method), 0) > 0 and not self.was_missing(page, method)

    def was_missing(self, page, method):
        return self.missing.get((page, method), 0) * 2 > self.asked.get((page, method), 0)

    def find_renamed(self):
        """
        Pages that have another address now: some of those whom they send on are then served a page that nobody asked for before, and fewer ask
        to log in. Only some: the load balancer sends most to other servers.
        """
        sent, served, logging_in = dict(), dict(), dict()
        for at, named, _, page, status, flags in self.rows:
            if at < self.since_ms or named < 0 or flags & PART:
                continue
            person = self.sessions[named][0]
            is_login = page in self.logins or flags & (RETURNS | NAMED_LOGIN)
            if status in SENT_ON and not is_login:
                sent.setdefault(page, dict()).setdefault(person, at)
            elif is_login:
                logging_in.setdefault(person, at)
            elif page not in self.known_pages and 200 <= status < 300:
                served[person] = at
        return set(page for page, people in sent.items() if self.leads_on(people, served, logging_in))

    def leads_on(self, people, served, logging_in):
        new = sum(served.get(person, -1) >= at for person, at in people.items())
        away = sum(logging_in.get(person, -1) >= at for person, at in people.items())
        return new > away and new >= len(people) * LED_ON

    def kinds_of(self, named, answered, page, status, flags):
        """Those that the request was asked about, and those of them that it shows."""
        method = method_of(flags)
        asked, shown = [REFUSED, SERVER_ERRORS], []
        # Without a session, what was not there before is what a scanner asks for.
        is_asked = named >= 0 or self.was_there(page, method)
        if self.served(page, method) and page not in self.renamed:
            asked.append(TURNED_AWAY)
            shown += [TURNED_AWAY] if status in SENT_ON else []
        if flags & PART and is_asked and not self.was_missing(page, method):
            asked.append(MISSING_PARTS)
            shown += [MISSING_PARTS] if status == 404 else []
        if named >= 0 and answered != NOT_SHOWN and method != CHANGES and not flags & (NAMED_LOGIN | RETURNS | LEAVES):
            asked.append(NEW_SESSION)
            shown += [NEW_SESSION] if answered >= 0 and self.sessions[answered][0] != self.sessions[named][0] else []
        shown += [REFUSED] if is_asked and status in REFUSALS else []
        shown += [SERVER_ERRORS] if is_asked and status >= 500 else []
        return asked, shown


class PeopleCounts:
    def __init__(self):
        self.asked, self.shown = [set() for _ in PEOPLE_KINDS], [set() for _ in PEOPLE_KINDS]
        self.requests_asked, self.requests_shown = [0] * len(PEOPLE_KINDS), [0] * len(PEOPLE_KINDS)
        self.by_path = dict()
        self.named = 0

    def take(self, person, page, status, kinds):
        asked, shown = kinds
        self.named += person is not None
        for kind in asked:
            self.requests_asked[kind] += 1
            if person is not None:
                self.asked[kind].add(person)
        for kind in shown:
            self.requests_shown[kind] += 1
            # Of requests without a session, each is somebody's.
            self.by_path.setdefault((kind, page, status), set()).add(self.requests_shown[kind] if person is None else person)
            if person is not None:
                self.shown[kind].add(person)

    def rows(self):
        """`PEOPLE OF REQUESTS OF` for each kind."""
        columns = zip(map(len, self.shown), map(len, self.asked), self.requests_shown, self.requests_asked)
        return [" ".join(map(str, each)) for each in columns]

    def people(self):
        """`HASH ASKED SHOWN`, bits of kinds in hex: those with the lowest hashes, which are the same ones on each server."""
        found = dict()
        for kind in range(len(PEOPLE_KINDS)):
            for place, people in enumerate((self.asked[kind], self.shown[kind])):
                for name, _ in people:
                    found.setdefault(name, [0, 0])[place] |= 1 << kind
        return ["%s %x %x" % (name, *bits) for name, bits in sorted(found.items())[:MOST_PEOPLE]]

    def paths(self, plain):
        """`KIND PATH STATUS PEOPLE`, those that most met first."""
        order = sorted(self.by_path, key=lambda key: (-len(self.by_path[key]), key))[:MOST_HURT_PATHS]
        return ["%s %s %d %d" % (PEOPLE_KINDS[kind], plain.get(page, "/*"), status, len(self.by_path[kind, page, status])) for kind, page, status in order]
