# What an access log says about sessions, as counts. Sessions are known by hashes under the incident's key.
import re

from log_requests import CHANGES, FEWEST_ENDED, GET, LOST, NONE, NO_METHOD, NOT_SHOWN, RETURNS, Pages, Requests, page_of
from log_times import MINUTE_MS, seen_time_ms
from log_minutes import MOST_CELLS, Counts
from log_values import NOTHING, add, cookie_in, cookies_named, session_in_path
from other_sites import OtherSites
from people import LEAVES, NAMED_LOGIN, PART, PART_PATH, People
from session_routes import Routes
from set_cookie import FIRST_CHUNK
from session_traces import Traces

MOST_SESSIONS = 500

# A path that says so, where the log does not show it otherwise.
LOGIN_PATH = re.compile(r"(?i)log-?in|sign-?in|j_security_check|authenticat|/session")
# The way back from where users log in, or a link that logs in.
LOGIN_RETURN_PATH = re.compile(r"(?i)oauth|openid|saml|\bsso\b|callback|[?&](?:code|state|ticket|token|samlresponse)=")
LOGOUT_PATH = re.compile(r"(?i)log-?out|log-?off|sign-?out")
# In the place of values that a server does not write down.
HIDDEN = re.compile(r"(?i)[\[<(]?(?:redacted|filtered|masked|hidden|\*{3,})[\])>]?")
LONGEST_HIDDEN = 16
STATUSES = frozenset(str(status) for status in range(100, 600))
NO_ANSWER = ("0", "-1", "000", "-")
# Paths whose meaning is kept: most come again and again.
MOST_PATHS_KEPT = 20000
# With the method, what is known of a request.
SURE = 4
# Requests with the id of before can be under way when a login renews it.
IN_FLIGHT_MS = 10000
# One request can have several cookies of one name, from other paths and domains.
MOST_NAMED = 4


class AccessLog:
    def __init__(self, settings, fields, hasher, paths, window):
        self.fields = fields
        self.hasher = hasher
        self.paths = paths
        cookie = settings.get("cookie")
        self.cookie = cookie
        self.is_header = re.compile(r"(?:^|[;,]\s?)%s%s=" % (re.escape(cookie or ""), FIRST_CHUNK.pattern)).search
        self.is_chunk = re.compile(r"(?:^|[;,]\s?)%s%s=" % (re.escape(cookie or ""), FIRST_CHUNK.pattern[:-1])).search
        # The pages where users log in, by the contract; None where it names none.
        self.logins = settings.get("logins")
        self.counts = Counts(settings.get("health") or [])
        self.from_ms, self.to_ms = window
        self.lines = self.unknown = self.undated = self.with_session = self.hidden = self.in_chunks = 0
        # Requests that got another session, of which the log does not show whether their users had logged in.
        self.undecided = 0
        # Sessions that a link ended: by a logout, or by a loss.
        self.unclear = 0
        # Whether the counts are incomplete: the log has earlier lines within the counted time, or a part of it could not be read.
        self.partial = False
        # Why no session can be followed, as a gap; None if they can.
        self.unfollowed = None
        self.first_ms = self.last_ms = None
        # The latest time in the block that was read last.
        self.block_ms = None
        self.statuses = dict()
        self.requests = Requests()
        self.created = dict()
        self.no_agent = "" if "agent" in fields else "unknown"
        self.meanings = dict()
        self.traces = Traces()
        self.routes = Routes()
        self.by_agent = dict()
        self.others = OtherSites()

    def take(self, read, lines):
        """One block of lines, in their order."""
        self.block_ms = None
        self.requests.begin_block()
        for line in lines:
            try:
                values = read(line)
                at = seen_time_ms(values["time"]) if values else None
                if at is None or values["status"] not in STATUSES:
                    # What heads a log of W3C's format, and requests whose clients went away before there was an answer, are as they should be.
                    if line[:1] == "#" or at is not None and values["status"] in NO_ANSWER:
                        continue
                    self.unknown += 1
                    self.undated += bool(values) and at is None
                    continue
                self.block_ms = at if self.block_ms is None else max(at, self.block_ms)
                if self.from_ms <= at <= self.to_ms:
                    self.take_request(at, values)
            except Exception:
                # Whatever a client has put into a line, it costs no other one.
                self.unknown += 1

    def take_request(self, at, values):
        self.lines += 1
        self.first_ms = at if self.first_ms is None else min(at, self.first_ms)
        self.last_ms = at if self.last_ms is None else max(at, self.last_ms)
        add(self.statuses, values["status"])
        path = values.get("path") or ""
        method = values.get("method")
        if method and not path.startswith(method + " "):
            path = method + " " + path
        sent = values.get("session")
        named_sent = self.sessions_of(sent)
        candidates = named_sent or (self.sessions_of(session_in_path(path, self.cookie)) if ";" in path else [])
        named = candidates[0] if candidates else None
        is_shown, answered = self.answered(values, at)
        if is_shown and answered:
            # The one of several cookies with this name that the server knew: another application of the host or domain can set one too. The
            # route has to match as well, because a client can send its session a second time with a route that it made up.
            named = answered if answered in candidates else next((each for each in candidates if each[0] == answered[0]), named)
        is_other = is_shown and answered is not None and (named is None or answered[0] != named[0])
        if named:
            self.with_session += 1
        flags, page, place = self.meaning_of(path)
        status = int(values["status"])
        agent = self.counts.take(at, place, status, values.get("agent") or self.no_agent)
        if agent.is_app:
            # Who is sent on after a change can have logged in.
            may_log_in = flags & (NAMED_LOGIN | RETURNS) or flags & 3 == CHANGES and status in LOST[:3]
            agent.note(bool(candidates or may_log_in) or sent not in NOTHING or not self.shows_sessions(), is_other or status in LOST)
        flags |= SURE if named_sent and self.is_sure(sent) else 0
        numbers = self.requests.number(named), self.requests.number(answered) if is_shown else NOT_SHOWN
        self.requests.add(at, *numbers, page, status, flags)
        if is_other:
            # Who got it, if it turns out to be a new one and no login.
            self.created[numbers[1]] = agent
        self.others.note(values, named, flags, path.startswith("OPTIONS "))

    def meaning_of(self, path):
        """What a request's method and path say, the number of its page, and the place of its path without ids; None for a health check's."""
        found = self.meanings.get(path)
        if found is None:
            if len(self.meanings) > MOST_PATHS_KEPT:
                self.meanings.clear()
            found = self.meanings[path] = self.read_meaning(path)
        return found

    def read_meaning(self, path):
        method, _, rest = path.partition(" ")
        has_method = bool(rest) and re.fullmatch("[A-Z]{3,20}", method)
        whole = (rest if has_method else path).partition(" ")[0]
        page = whole.partition("?")[0]
        flags = NO_METHOD if not has_method else GET if method in ("GET", "HEAD", "OPTIONS") else CHANGES
        flags |= (LEAVES if LOGOUT_PATH.search(page) else 0) | (PART if PART_PATH.search(page) else 0)
        if self.logins is not None:
            flags |= NAMED_LOGIN if page in self.logins else 0
        elif has_method:
            flags |= (NAMED_LOGIN if method == "POST" and LOGIN_PATH.search(page) else 0) | (RETURNS if LOGIN_RETURN_PATH.search(whole) else 0)
        number = self.requests.page(whole)
        return flags, number, self.counts.place_of_page(number, page, self.paths.plain(whole))

    def judge(self):
        """What the requests show together; to be called once, when all lines are taken."""
        sessions = self.requests.sessions
        # What was needed to read lines makes room.
        self.meanings.clear()
        self.hasher.known.clear()
        self.requests.numbers.clear()
        rows = self.requests.in_order()
        pages = Pages(rows, sessions)
        if pages.changes_at_each_answer(self.requests.mean_length()):
            return self.give_up("the session cookie is new at each answer, so that no session can be followed in the access log")
        for position, row in enumerate(rows):
            self.judge_request(position, row, pages)

    def people(self, times):
        pages = self.requests.pages
        logins = set(number for page, number in pages.items() if page in (self.logins or []) or LOGIN_PATH.search(page))
        health = set(pages.get(page_of(path)) for path in self.counts.health)
        return People(self.requests.in_order(), self.requests.sessions, times, logins, health)

    def give_up(self, why):
        """Shows no session: of some of its requests, one can seem to be lost that was found again."""
        self.unfollowed, self.traces, self.routes = why, Traces(), Routes()

    def judge_request(self, position, row, pages):
        at, number, answer, page, status, flags = row
        sessions = self.requests.sessions
        named = sessions[number] if number >= 0 else None
        answered = sessions[answer] if answer >= 0 else None
        is_other = answered is not None and (named is None or answered[0] != named[0])
        rotated = False
        if named:
            trace = self.traces.of(named, at)
            signed_in = trace is not None and trace.signed_in
            ended = answer == NONE and bool(trace and trace.known)
            by_link = ended and self.is_link_out(pages, page, status, flags, signed_in)
            self.unclear += by_link and not trace.left and not flags & LEAVES and "answered" in self.fields and not pages.others_go_on(page)
            has_left = bool(flags & LEAVES) or by_link or ended and self.leaves(pages, page, status, flags)
            verdict = self.replaced(position, row, pages, signed_in) if is_other else None
            rotated = verdict in ("login", "undecided")
            if is_other and not has_left:
                self.undecided += verdict == "undecided"
            refused = None if is_other else self.refused(row, pages, signed_in)
            in_flight = trace is not None and self.in_flight(trace, at, answer, pages)
            if trace is not None and rotated:
                trace.renewed = at, answered[0]
            lost = bool(flags & SURE) and (verdict == "lost" or refused is not None) and not has_left and not in_flight
            # What is less than certain is over with the next request that is not refused.
            uses = trace is None or not trace.stays_lost or self.uses(row, pages, is_other)
            self.routes.request(named[1])
            if trace is not None and lost and not trace.lost:
                trace.lost_in = at // MINUTE_MS, self.counts.plain[page]
            self.traces.follow(named, at, lost or (False if uses else None), has_left)
            if trace is not None:
                trace.stays_lost = lost and refused != "maybe" or trace.stays_lost and not uses
            if trace is not None and pages.is_for_users(page):
                trace.signed_in = 200 <= status < 300 and not is_other
            # A log without the session that a request ended with shows by its status alone that the server knew it.
            if not is_other and answer != NONE and ("answered" in self.fields or 200 <= status < 300):
                # The id and route as the server gave them out, if the log shows them.
                known = answered or named
                self.routes.know(known)
                self.traces.know(known, at)
            if flags & SURE and verdict == "lost" and not in_flight:
                self.traces.replace(named, at)
            if (is_other or answer == NONE) and not rotated and not in_flight:
                self.routes.refuse(named[1])
        if is_other:
            self.create(answer, answered, at, rotated)

    def in_flight(self, trace, at, answer, pages):
        """
        Whether the request was sent before its session got another id, so that its end is no loss: soon after it, and the browser keeps the other
        one, which the answer does not replace.
        """
        if trace.renewed is None or at - trace.renewed[0] > IN_FLIGHT_MS:
            return False
        return answer == NOT_SHOWN or pages.is_named(trace.renewed[1], at)

    def replaced(self, position, row, pages, signed_in):
        """Of a request that got another session: whether its user logged in, or lost the one that it named, or that the log cannot show."""
        flags = row[5]
        if self.logins is not None:
            return "login" if flags & NAMED_LOGIN or signed_in and self.renews(pages, position, row) else "lost"
        shows = pages.shows(self.requests.sessions[row[2]][0], position)
        if shows is False:
            return "lost"
        if shows and (self.may_log_in(flags) or not signed_in) or signed_in and self.renews(pages, position, row):
            return "login"
        if flags & NAMED_LOGIN:
            return "login"
        return "undecided" if self.may_log_in(flags) else "lost"

    def renews(self, pages, position, row):
        """Some servers give a user another id now and then, or after a change of the password."""
        return pages.shows(self.requests.sessions[row[2]][0], position) is not False and pages.renews(position, self.may_log_in)

    def may_log_in(self, flags):
        return flags & NAMED_LOGIN if self.logins is not None else flags & 3 == CHANGES or flags & RETURNS

    def leaves(self, pages, page, status, flags):
        """A change that ends the session of each who makes it is a logout, of a session that the server knew."""
        return 200 <= status < 400 and not pages.kept.get(page) and flags & 3 == CHANGES

    def is_link_out(self, pages, page, status, flags, signed_in):
        """A link that removes the cookie of several, and of each who follows it; without a cookie, that ends the session of users who had one."""
        removes = "answered" not in self.fields and flags & 3 != CHANGES
        ends = flags & 3 == GET and signed_in and not pages.anonymous.get(page)
        return (removes or ends) and 200 <= status < 400 and not pages.kept.get(page) and pages.ended.get(page, 0) >= FEWEST_ENDED

    def refused(self, row, pages, signed_in):
        """Whether a request that got no other session was refused as one without a session is: "surely", "maybe", or None."""
        _, _, answer, page, status, flags = row
        if status not in LOST or answer >= 0:
            return None
        if answer == NONE:
            return "surely"
        if pages.is_for_users(page) and flags & 3 != CHANGES:
            return "surely" if signed_in else None
        # After a change, users are sent on. A page that answers nobody but so, such as one that leads to a file, shows nothing.
        return "maybe" if (status == 401 if flags & 3 == CHANGES else pages.served.get(page)) else None

    def uses(self, row, pages, is_other):
        """Whether a request shows that its session is in use: not by a page that anybody gets."""
        _, _, answer, page, status, _ = row
        if is_other or answer == NONE:
            return False
        if answer >= 0 and "answered" in self.fields:
            return True
        is_anybodys = pages.anonymous.get(page, 0) > 0 or page in pages.logins
        return not is_anybodys and status not in LOST

    def sessions_of(self, value):
        if value in NOTHING:
            return []
        if self.cookie and "=" in value and self.is_header(value):
            # The whole header.
            parts = cookies_named(value, self.cookie)
        elif self.cookie and "cookies" in self.fields and re.match(r"[^=;,\s]{1,100}=", value):
            parts = []
        else:
            # Tomcat names several cookies of one name with commas between them.
            parts = [part.strip(" \t") for part in value.split(",")]
        hidden = [part for part in parts if len(part) <= LONGEST_HIDDEN and HIDDEN.fullmatch(part)]
        self.hidden += bool(hidden)
        return [self.hasher.of(part) for part in parts[:MOST_NAMED] if part not in NOTHING and part not in hidden and not part.startswith("chunks-")]

    def is_sure(self, sent):
        """
        The server was sent the session that the log names. It need not take one from the URL, and where a log does not join cookies,
        what has a comma is one text of the client's.
        """
        return sent not in NOTHING and ("," not in sent or "several" in self.fields)

    def session_of(self, value):
        found = self.sessions_of(value)
        return found[0] if found else None

    def answered(self, values, at):
        """Whether the log shows the session that the request ended with, and that session; None without one."""
        if "answered" in self.fields:
            return True, self.session_of(values.get("answered"))
        header = values.get("set")
        if header in NOTHING:
            return False, None
        self.hidden += len(header) <= LONGEST_HIDDEN and bool(HIDDEN.fullmatch(header))
        value = cookie_in(header, self.cookie, at / 1000)
        self.requests.note_length(value or "")
        self.in_chunks += bool(value and self.cookie and self.is_chunk(header))
        return value is not None, self.session_of(value)

    def create(self, number, session, at, rotated):
        self.traces.create(session, at)
        self.routes.know(session, created=True)
        agent = self.created.pop(number, None)
        # After a login, the same user's session goes on under another id.
        if not rotated and agent is not None:
            add(self.by_agent, agent.kind())

    def gaps(self):
        """What the log does not show, in sentences that name the field."""
        gaps = []
        if self.unknown > self.undated:
            # In the middle of a line that was being written, there is one.
            gaps.append("%d of %d lines of the access log do not have the pattern" % (self.unknown - self.undated, self.unknown + self.lines))
        if self.undated > 0:
            gaps.append("the time of %d of %d lines of the access log is not understood" % (self.undated, self.unknown + self.lines))
        if self.hidden > 0:
            gaps.append("the access log hides the session of %d requests: its server leaves the values of cookies out" % self.hidden)
        if self.in_chunks > 0 and not self.with_session:
            gaps.append("%d answers set the session cookie in chunks, and no request names one: log the whole Cookie header" % self.in_chunks)
        if self.unfollowed:
            gaps.append(self.unfollowed)
        if self.undecided > 0:
            gaps.append("%d requests got another session, and the access log does not show whether their users had logged in: name logs.access.logins" % self.undecided)
        if self.unclear > 0:
            gaps.append("%d requests by a link that only ends sessions ended one, and the access log does not show whether their users logged out" % self.unclear)
        return gaps

    def shows_sessions(self):
        return "session" in self.fields

    def shows_created(self):
        return self.shows_sessions() and bool(self.fields & set(("answered", "set")))

    def result(self, instance_id, most=MOST_SESSIONS, cells=MOST_CELLS):
        """With `most` sessions, and errors of `cells` minutes and paths."""
        own = self.routes.own(instance_id)
        first_ms = self.first_ms or 0
        routes = sorted(self.routes.known())
        shows_created = self.shows_created() and not self.unfollowed
        shown, all_known, all_unknown = self.traces.sample(most)
        partial = dict(partial=True) if self.partial else dict()
        return dict(
            self.counts.result((self.first_ms or self.from_ms) // MINUTE_MS, self.traces, "path" in self.fields, cells),
            **partial,
            showsLost=self.shows_sessions() and not self.unfollowed,
            lines=self.lines,
            fromMs=self.first_ms or self.from_ms,
            toMs=self.last_ms or self.to_ms,
            statuses=self.statuses,
            withSession=self.with_session if self.shows_sessions() else None,
            replaced=min(self.with_session, self.traces.replaced()) if shows_created else None,
            foreignRoute=self.routes.foreign(own) if own else None,
            routes=routes,
            sessions=self.traces.rows(shown, first_ms, routes),
            # Whether these are all: otherwise those below the last one of that kind are.
            allSessions=all_known,
            allUnknown=all_unknown,
            showsAnswered="answered" in self.fields,
            created=dict(byAgent=self.by_agent) if shows_created else None,
            fromOtherSite=self.others.result() if "referer" in self.fields else None,
        )
