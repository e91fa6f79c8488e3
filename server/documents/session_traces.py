# Sessions as one server's access log shows them, each by its hash: when it was used, by which routes, and how it ended.
from log_values import add

# Sessions that are followed at the same time. If there are more, those with the lowest hashes are, so that every server follows the same
# ones. Known and unknown sessions share the limit.
MOST_FOLLOWED = 40000
# The part of the shown sessions that known ones leave to unknown ones, whose ids came from clients and never from this server.
UNKNOWN_PART = 0.3
ROUTES_OF_ONE = 8
# Hashes have 12 hex digits.
ALL_HASHES = float(1 << 48)


class Trace:
    """One session: its first and last request, the routes that named it, and how it ended."""

    __slots__ = ("first", "last", "requests", "routes", "known", "lost", "replaced", "begins", "left", "signed_in", "stays_lost", "lost_in", "renewed")

    def __init__(self, at):
        self.first = self.last = at
        self.requests = 0
        self.routes = ()
        # The routes with which this server gave it out, or found it. Without any, clients alone named it, and anybody can invent an id.
        self.known = ()
        # The routes with which the last request lost it, or one got another session in its place.
        self.lost = ()
        self.replaced = ()
        # It was given out before any other request that named it.
        self.begins = False
        self.left = False
        # A page that only users get served it, and none has refused it since.
        self.signed_in = False
        self.stays_lost = False
        # The minute and the path of that loss.
        self.lost_in = None
        # When a login gave it another id, and that one.
        self.renewed = None

    def add_route(self, route):
        if route and route not in self.routes:
            self.routes = self.routes[: ROUTES_OF_ONE - 1] + (route,)

    def is_told(self, routes):
        """
        Whether the routes prove something: a known session counts only with a route that this server gave out, an unknown one with any.
        """
        return bool(routes) and (not self.known or any(route in self.known for route in routes))

    def is_lost(self):
        """Whether the session was lost. A user who has logged out and goes back to a page loses nothing."""
        return not self.left and self.is_told(self.lost)

    def row_routes(self):
        """
        The routes to show: of a known session only those that this server gave out, because a client can append any other route to its id.
        """
        return [route for route in self.routes if not self.known or route in self.known]

    def flags(self):
        flags = ("*" if self.begins else "") + ("!" if self.is_lost() else "") + ("" if self.known else "?")
        return " " + flags if flags else ""


class Traces:
    def __init__(self):
        self.by_hash = dict()
        self.limit = None

    def of(self, session, at):
        """The session's trace; None for one that is not among those that are followed."""
        digits = session[0]
        if self.limit is not None and digits >= self.limit:
            return None
        trace = self.by_hash.get(digits)
        if trace is None:
            trace = self.by_hash[digits] = Trace(at)
            if len(self.by_hash) > MOST_FOLLOWED:
                self.follow_fewer()
                return self.by_hash.get(digits)
        return trace

    def follow_fewer(self):
        kept = sorted(self.by_hash)[: MOST_FOLLOWED // 2]
        self.limit = kept[-1]
        self.by_hash = dict((digits, self.by_hash[digits]) for digits in kept[:-1])

    def follow(self, session, at, lost, left):
        """
        The next request that named it. `left`: its user logged out. `lost`: whether the request lost it; None where it shows nothing of
        that, as when a refused user logs in with the same cookie still set.
        """
        trace = self.of(session, at)
        if trace is None:
            return
        trace.requests += 1
        trace.left = trace.left or left
        trace.last = at
        if lost is not None:
            trace.lost = (session[1],) if lost else ()
        trace.add_route(session[1])

    def know(self, session, at):
        """Notes that the server knew the session by this route: it gave it out, or found it."""
        trace = self.of(session, at)
        if trace is not None and session[1] not in trace.known and len(trace.known) < ROUTES_OF_ONE:
            trace.known += (session[1],)

    def replace(self, session, at):
        """
        Notes that a request with this session got another one. The browser then sends the new one, so that each replaced session counts
        once.
        """
        trace = self.of(session, at)
        if trace is not None and session[1] not in trace.replaced and len(trace.replaced) < ROUTES_OF_ONE:
            trace.replaced += (session[1],)

    def create(self, session, at):
        self.know(session, at)
        trace = self.of(session, at)
        if trace is not None and trace.requests == 0:
            trace.begins = True
            trace.add_route(session[1])

    def replaced(self):
        """Sessions that this server knew and replaced; of more than are followed, as many as those among them let expect."""
        return self.of_all(sum(1 for trace in self.by_hash.values() if trace.known and not trace.left and trace.is_told(trace.replaced)))

    def of_all(self, count):
        return count if self.limit is None else int(count * ALL_HASHES / max(1, int(self.limit, 16)))

    def losses(self):
        """How many that this server knew were lost in each minute and path."""
        counts = dict()
        for trace in self.by_hash.values():
            if trace.known and trace.is_lost() and trace.lost_in:
                add(counts, trace.lost_in)
        return dict((place, self.of_all(count)) for place, count in counts.items())

    def sample(self, most):
        """
        The hashes to show, in order, and whether they are all that this server knew, and all others: the lowest of each kind. Ids that
        clients can invent take the room that the others leave, or their own part.
        """
        known = sorted(digits for digits, trace in self.by_hash.items() if trace.known)
        unknown = sorted(digits for digits, trace in self.by_hash.items() if not trace.known)
        shown = known[: max(most - len(unknown), most - int(most * UNKNOWN_PART))]
        others = unknown[: most - len(shown)]
        is_whole = self.limit is None
        return sorted(shown + others), is_whole and len(shown) == len(known), is_whole and len(others) == len(unknown)

    def rows(self, shown, log_first_ms, routes):
        """`HASH first last requests routes [flags]`, times in seconds since the first line, routes as numbers."""
        numbers = dict((route, str(number)) for number, route in enumerate(routes))
        rows = []
        for digits in shown:
            trace = self.by_hash[digits]
            begin, end = ((moment - log_first_ms) // 1000 for moment in (trace.first, trace.last))
            named = ",".join(numbers[route] for route in trace.row_routes() if route in numbers) or "-"
            rows.append("%s %d %d %d %s%s" % (digits, begin, end, trace.requests, named, trace.flags()))
        return rows
