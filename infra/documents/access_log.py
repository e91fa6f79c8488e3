# What an access log says about sessions, as counts. Sessions are known by hashes under the incident's key.
import re

from log_values import NOTHING, add, agent_class, cookie_in, session_in_path, time_ms
from session_routes import Routes

READ_SECONDS = 10.0
# Followed at once; of more, those with the lowest hashes, which are the same ones on every server.
MOST_FOLLOWED = 40000
MOST_SESSIONS = 500
MOST_PATHS = 30
LOST = ("302", "401")
MINUTE_MS = 60 * 1000
# Whether a session that has stopped was over or only paused shows after this long.
STOPPED_MS = 5 * MINUTE_MS
ACTIVE_REQUESTS = 3

# The old session ends with these, and nobody loses it: a login changes the id (Tomcat and Spring Security by themselves), a logout is meant.
LOGIN_PATH = re.compile(r"(?i)log-?in|sign-?in|j_security_check|authenticat")
LOGIN_RETURN_PATH = re.compile(r"(?i)oauth|openid|saml|\bsso\b")
LOGOUT_PATH = re.compile(r"(?i)log-?out|log-?off|sign-?out")
# One request can have several cookies of one name, from other paths and domains.
MOST_NAMED = 4


def is_login(path):
    """`POST /login HTTP/1.1`, or the way back from where users log in. A path without its method does not show it."""
    method, _, rest = path.partition(" ")
    page = rest.partition("?")[0]
    return method == "POST" and bool(LOGIN_PATH.search(page)) or method in ("GET", "POST") and bool(LOGIN_RETURN_PATH.search(page))


class Trace:
    """One session: its first and last request, the routes that named it, and how it ended."""

    __slots__ = ("first", "last", "before", "requests", "routes", "lost", "begins")

    def __init__(self, at):
        self.first = self.last = at
        # The request before the last one.
        self.before = None
        self.requests = 0
        self.routes = ()
        self.lost = False
        self.begins = False


class AccessLog:
    def __init__(self, fields, hasher, paths, cookie, from_ms, to_ms):
        self.fields = fields
        self.hasher = hasher
        self.paths = paths
        self.cookie = cookie
        self.from_ms = from_ms
        self.to_ms = to_ms
        self.lines = self.unknown = self.with_session = self.replaced = 0
        # It goes on before what was read, in the time that is counted, or a part of it could not be read.
        self.partial = False
        self.first_ms = self.last_ms = None
        # The latest time in the block that was read last.
        self.block_ms = None
        self.statuses = dict()
        self.traces = dict()
        self.limit = None
        self.routes = Routes()
        self.by_agent = dict()
        self.by_path = dict()
        self.referers = dict()

    def take(self, read, lines):
        """One block of lines, in their order."""
        self.block_ms = None
        for line in lines:
            values = read(line)
            at = time_ms(values["time"]) if values else None
            if at is None or not re.fullmatch("[1-5][0-9][0-9]", values["status"] or ""):
                self.unknown += 1
                continue
            self.block_ms = at if self.block_ms is None else max(at, self.block_ms)
            if self.from_ms <= at <= self.to_ms:
                self.take_request(at, values)

    def take_request(self, at, values):
        self.lines += 1
        self.first_ms = at if self.first_ms is None else min(at, self.first_ms)
        self.last_ms = at if self.last_ms is None else max(at, self.last_ms)
        status = values["status"]
        add(self.statuses, status)
        path = values.get("path") or ""
        candidates = self.sessions_of(values.get("session")) or self.sessions_of(session_in_path(path, self.cookie))
        named = candidates[0] if candidates else None
        answered = self.answered(values, named)
        if answered:
            # The one that the server knew: another application of the same host or domain can have a cookie of this name.
            named = next((each for each in candidates if each[0] == answered[0]), named)
        is_other = named is not None and (answered is None or answered[0] != named[0])
        rotated = is_other and answered is not None and is_login(path)
        if named:
            self.with_session += 1
            self.follow(named, at, status in LOST and not rotated and not LOGOUT_PATH.search(path.partition("?")[0]))
            # A log without the session that a request ended with shows by its status alone that the server knew it.
            if answered and not is_other and ("answered" in self.fields or status[0] == "2"):
                self.routes.know(named)
            if is_other and answered and not rotated:
                self.replaced += 1
            if is_other and not rotated:
                self.routes.refuse(named[1])
        if answered and (named is None or is_other):
            self.create(answered, at, values, path, rotated)
        self.note_referer(values, named)

    def sessions_of(self, value):
        if value in NOTHING:
            return []
        # Tomcat names several cookies of one name with commas between them.
        return [self.hasher.of(part.strip()) for part in value.split(",")[:MOST_NAMED] if part.strip() not in NOTHING]

    def session_of(self, value):
        found = self.sessions_of(value)
        return found[0] if found else None

    def answered(self, values, named):
        """The session that the request ended with; None without one, or where the log does not show it."""
        if "answered" in self.fields:
            return self.session_of(values.get("answered"))
        if values.get("set") in NOTHING:
            return named
        value = cookie_in(values["set"], self.cookie)
        return named if value is None else self.session_of(value)

    def trace(self, session, at):
        digits = session[0]
        if self.limit is not None and digits >= self.limit:
            return None
        trace = self.traces.get(digits)
        if trace is None:
            trace = self.traces[digits] = Trace(at)
            if len(self.traces) > MOST_FOLLOWED:
                self.follow_fewer()
                return self.traces.get(digits)
        return trace

    def follow_fewer(self):
        kept = sorted(self.traces)[: MOST_FOLLOWED // 2]
        self.limit = kept[-1]
        self.traces = dict((digits, self.traces[digits]) for digits in kept[:-1])

    def follow(self, session, at, lost):
        route = session[1]
        self.routes.request(route)
        trace = self.trace(session, at)
        if trace is None:
            return
        trace.requests += 1
        trace.first = min(trace.first, at)
        if at >= trace.last:
            # Blocks come from the latest one back: what is before this one may be read later.
            trace.before = trace.last if at > trace.last else trace.before
            trace.last = at
            trace.lost = lost
        elif trace.before is None or at > trace.before:
            trace.before = at
        if route and route not in trace.routes and len(trace.routes) < 8:
            trace.routes += (route,)

    def create(self, session, at, values, path, rotated):
        trace = self.trace(session, at)
        if trace is not None and at <= trace.first:
            trace.first = at
            trace.begins = True
            if session[1] and session[1] not in trace.routes:
                trace.routes = (session[1],) + trace.routes[:7]
        self.routes.know(session, created=True)
        if rotated:
            # The same user's session goes on under another id.
            return
        agent = agent_class(values.get("agent")) if "agent" in self.fields else "unknown"
        add(self.by_agent, agent)
        if "path" in self.fields:
            plain = self.paths.plain(path)
            add(self.by_path, plain)

    def note_referer(self, values, named):
        referer = values.get("referer")
        if referer in NOTHING:
            return
        host = re.sub(r"^[a-z]+://([^/?#]*).*$", r"\1", referer.lower())
        own = (values.get("host") or "").lower()
        key = "other" if referer == "other" else "same" if referer == "same" or own and host == own else None
        if key is None and own not in NOTHING:
            key = "other"
        key = key or "host " + host[:100]
        if key not in self.referers and len(self.referers) > 2000:
            return
        counts = self.referers.setdefault(key, [0, 0, 0])
        counts[0 if named else 1] += 1
        counts[2] += not named and values["status"] in LOST

    def from_other_site(self):
        """With a session's cookie, and without. Where the log has no host, the most frequent referer is the site itself."""
        if "referer" not in self.fields:
            return None
        counts = dict(self.referers)
        counts.pop("same", None)
        hosts = [key for key in counts if key.startswith("host ")]
        if hosts:
            counts.pop(max(hosts, key=lambda key: sum(counts[key][:2])))
        names = ("withCookie", "withoutCookie", "refused")
        return dict((name, sum(each[number] for each in counts.values())) for number, name in enumerate(names))

    def shows_sessions(self):
        return "session" in self.fields

    def shows_created(self):
        return self.shows_sessions() and bool(self.fields & set(("answered", "set")))

    def is_begin_known(self, trace):
        return trace.begins or trace.first > (self.first_ms or 0) + 10 * MINUTE_MS

    def by_age(self, wanted):
        counts = dict()
        for trace in self.traces.values():
            if wanted(trace) and self.is_begin_known(trace):
                age = str(int(round((trace.last - trace.first) / float(MINUTE_MS))))
                add(counts, age)
        return counts

    def by_idle(self):
        """Sessions that were lost, by the seconds since their request before, in powers of two."""
        counts = dict()
        for trace in self.traces.values():
            if trace.lost and trace.before is not None:
                idle = max(1, (trace.last - trace.before) // 1000)
                power = str(1 << (idle.bit_length() - 1))
                add(counts, power)
        return counts

    def sampled(self, most):
        """`HASH first last requests routes [lost]`, times in seconds since the first line, routes as numbers; the lowest hashes."""
        routes = sorted(self.routes.known())
        numbers = dict((route, str(number)) for number, route in enumerate(routes))
        rows = []
        for digits in sorted(self.traces)[:most]:
            trace = self.traces[digits]
            begin, end = ((moment - self.first_ms) // 1000 for moment in (trace.first, trace.last))
            named = ",".join(numbers[route] for route in trace.routes if route in numbers) or "-"
            rows.append("%s %d %d %d %s%s" % (digits, begin, end, trace.requests, named, " !" if trace.lost else ""))
        return routes, rows

    def result(self, instance_id, most=MOST_SESSIONS):
        own = self.routes.own(instance_id)
        routes, rows = self.sampled(most)
        top = sorted(self.by_path.items(), key=lambda item: (-item[1], item[0]))
        rest = sum(count for _, count in top[MOST_PATHS:])
        created = dict(byAgent=self.by_agent, byPath=dict(top[:MOST_PATHS] + ([("other", rest)] if rest else [])))
        stopped_by = (self.last_ms or 0) - STOPPED_MS
        partial = dict(partial=True) if self.partial else dict()
        return dict(
            partial,
            lines=self.lines,
            fromMs=self.first_ms or self.from_ms,
            toMs=self.last_ms or self.to_ms,
            statuses=self.statuses,
            withSession=self.with_session if self.shows_sessions() else None,
            replaced=self.replaced if self.shows_created() else None,
            foreignRoute=self.routes.foreign(own) if own else None,
            routes=routes,
            sessions=rows,
            # Whether these are all: otherwise those below the last one are.
            allSessions=self.limit is None and len(self.traces) <= most,
            created=created if self.shows_created() else None,
            fromOtherSite=self.from_other_site(),
            lostAtAgeMinutes=self.by_age(lambda trace: trace.lost),
            lostAfterIdleSeconds=self.by_idle(),
            endedAtAgeMinutes=self.by_age(
                lambda trace: not trace.lost and trace.requests >= ACTIVE_REQUESTS and trace.last < stopped_by
            ),
        )
