# Routes (jvmRoute) in session ids: those that this server gave to its sessions, or knew. Anybody can send cookies with other texts there.
from log_values import INSTANCE_ROUTE

MOST_ROUTES = 40
# What may be one, of cookies that visitors send.
MOST_CANDIDATES = 2000
# A route with fewer requests is not judged.
FEWEST_REQUESTS = 5


class Routes:
    def __init__(self):
        # The first session that had it, and True once another one had it too.
        self.had_by = dict()
        # How many sessions with it were created, or named and known.
        self.known_times = dict()
        self.requests = dict()
        # How many of these found no session.
        self.refused = dict()
        self.created_times = dict()

    def request(self, route):
        if route and (route in self.had_by or route in self.requests or len(self.requests) < MOST_CANDIDATES):
            self.requests[route] = self.requests.get(route, 0) + 1

    def refuse(self, route):
        if route in self.requests:
            self.refused[route] = self.refused.get(route, 0) + 1

    def know(self, session, created=False):
        digits, route = session
        if not route or not (created or route in self.had_by or len(self.had_by) < MOST_CANDIDATES):
            return
        self.known_times[route] = self.known_times.get(route, 0) + 1
        first = self.had_by.setdefault(route, digits)
        if first != digits:
            self.had_by[route] = True

    def create(self, session):
        self.know(session, created=True)
        if session[1]:
            self.created_times[session[1]] = self.created_times.get(session[1], 0) + 1

    def known(self):
        """Names of servers in sessions: what two sessions share behind their ids. What one alone has there can be a part of its secret."""
        known = [route for route, had_by in self.had_by.items() if had_by is True or INSTANCE_ROUTE.fullmatch(route)]
        return set(sorted(known, key=lambda route: (-self.known_times[route], route))[:MOST_ROUTES])

    def created(self):
        known = self.known()
        return max((route for route in self.created_times if route in known), key=self.created_times.get, default=None)

    def own(self, instance_id):
        """This server's: its instance's id where routes are ids of instances, otherwise what new sessions get."""
        known = self.known()
        if instance_id and (instance_id in known or any(INSTANCE_ROUTE.fullmatch(route) for route in known)):
            return instance_id
        own = self.created()
        requests = self.requests.get(own, 0)
        if requests >= FEWEST_REQUESTS and self.refused.get(own, 0) > requests / 2:
            # It does not know the sessions that it begins itself: their route is another server's.
            return "-"
        return own

    def foreign_requests(self, own):
        known = self.known()
        return sum(count for route, count in self.requests.items() if route != own and route in known)
