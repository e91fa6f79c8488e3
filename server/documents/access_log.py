# What an access log says about sessions, as counts. Sessions are known by hashes under the incident's key.
import re

from log_values import NOTHING, add, agent_class, cookie_in, session_in_path, time_ms
from session_routes import Routes
from session_traces import Traces

MOST_SESSIONS = 500
MOST_PATHS = 30
LOST = ("302", "401")

# Requests after which a session has ended without being lost: a login changes its id (Tomcat and Spring Security do so by themselves), and
# a logout is intended.
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


class AccessLog:
    def __init__(self, fields, hasher, paths, cookie, from_ms, to_ms):
        self.fields = fields
        self.hasher = hasher
        self.paths = paths
        self.cookie = cookie
        self.from_ms = from_ms
        self.to_ms = to_ms
        self.lines = self.unknown = self.with_session = 0
        # Whether the counts are incomplete: the log has earlier lines within the counted time, or a part of it could not be read.
        self.partial = False
        self.first_ms = self.last_ms = None
        # The latest time in the block that was read last.
        self.block_ms = None
        self.statuses = dict()
        self.traces = Traces()
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
        sent = values.get("session")
        candidates = self.sessions_of(sent) or self.sessions_of(session_in_path(path, self.cookie))
        named = candidates[0] if candidates else None
        answered = self.answered(values, named)
        if answered:
            # The one of several cookies with this name that the server knew: another application of the host or domain can set one too. The
            # route has to match as well, because a client can send its session a second time with a route that it made up.
            named = answered if answered in candidates else next((each for each in candidates if each[0] == answered[0]), named)
        is_other = named is not None and (answered is None or answered[0] != named[0])
        rotated = is_other and answered is not None and is_login(path)
        if named:
            self.with_session += 1
            has_left = bool(LOGOUT_PATH.search(path.partition("?")[0]))
            # A redirected request keeps its session only if the log shows that it ended with the same one. A log without that field cannot
            # show it.
            is_gone = is_other or "answered" not in self.fields
            is_sure = self.is_sure(sent)
            is_replaced = is_sure and is_other and answered is not None and not rotated
            lost = is_replaced or is_sure and status in LOST and is_gone and not rotated
            self.routes.request(named[1])
            self.traces.follow(named, at, lost and not has_left, has_left)
            # A log without the session that a request ended with shows by its status alone that the server knew it.
            if answered and not is_other and ("answered" in self.fields or status[0] == "2"):
                # The id and route as the server gave them out, if the log shows them.
                self.routes.know(answered)
                self.traces.know(answered, at)
            if is_replaced:
                self.traces.replace(named, at)
            if is_other and not rotated:
                self.routes.refuse(named[1])
        if answered and (named is None or is_other):
            self.create(answered, at, values, path, rotated)
        self.note_referer(values, named)

    def sessions_of(self, value):
        if value in NOTHING:
            return []
        # Tomcat names several cookies of one name with commas between them.
        parts = [part.strip(" \t") for part in value.split(",")[:MOST_NAMED]]
        return [self.hasher.of(part) for part in parts if part not in NOTHING]

    def is_sure(self, sent):
        """
        The server was sent the session that the log names. It need not take one from the URL, and where a log does not join cookies,
        what has a comma is one text of the client's.
        """
        return sent not in NOTHING and ("," not in sent or "several" in self.fields)

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

    def create(self, session, at, values, path, rotated):
        self.traces.create(session, at)
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

    def result(self, instance_id, most=MOST_SESSIONS):
        own = self.routes.own(instance_id)
        first_ms, last_ms = self.first_ms or 0, self.last_ms or 0
        routes = sorted(self.routes.known())
        top = sorted(self.by_path.items(), key=lambda item: (-item[1], item[0]))
        rest = sum(count for _, count in top[MOST_PATHS:])
        created = dict(byAgent=self.by_agent, byPath=dict(top[:MOST_PATHS] + ([("other", rest)] if rest else [])))
        shown, all_known, all_unknown = self.traces.sample(most)
        partial = dict(partial=True) if self.partial else dict()
        return dict(
            partial,
            lines=self.lines,
            fromMs=self.first_ms or self.from_ms,
            toMs=self.last_ms or self.to_ms,
            statuses=self.statuses,
            withSession=self.with_session if self.shows_sessions() else None,
            replaced=min(self.with_session, self.traces.replaced()) if self.shows_created() else None,
            foreignRoute=self.routes.foreign(own) if own else None,
            routes=routes,
            sessions=self.traces.rows(shown, first_ms, routes),
            # Whether these are all: otherwise those below the last one of that kind are.
            allSessions=all_known,
            allUnknown=all_unknown,
            showsAnswered="answered" in self.fields,
            created=created if self.shows_created() else None,
            fromOtherSite=self.from_other_site(),
            lostAtAgeMinutes=self.traces.lost_by_age(first_ms),
            lostAfterIdleSeconds=self.traces.lost_by_idle(),
            endedAtAgeMinutes=self.traces.ended_by_age(first_ms, last_ms),
        )
