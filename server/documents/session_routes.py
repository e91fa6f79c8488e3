# Routes (jvmRoute) in session ids: those that this server gave to its sessions, or knew. Anybody can send cookies with other texts there.
from log_values import INSTANCE_ROUTE, add

MOST_ROUTES = 40
# Texts that visitors send in the place of a route and that this server has not confirmed: this number of them is remembered.
MOST_CANDIDATES = 2000
# A route with fewer requests is not judged.
FEWEST_REQUESTS = 5


class Routes:
    def __init__(self):
        # The first session that had it, and True once another one had it too.
        self.had_by = dict()
        self.known_times, self.created_times = dict(), dict()
        # `refused`: how many requests found no session.
        self.requests, self.refused = dict(), dict()

    def request(self, route):
        if route and (route in self.had_by or route in self.requests or len(self.requests) < MOST_CANDIDATES):
            add(self.requests, route)

    def refuse(self, route):
        if route in self.requests:
            add(self.refused, route)

    def know(self, session, created=False):
        digits, route = session
        if route and (created or route in self.had_by or len(self.had_by) < MOST_CANDIDATES):
            add(self.known_times, route)
            if created:
                add(self.created_times, route)
            if self.had_by.setdefault(route, digits) != digits:
                self.had_by[route] = True

    def known(self):
        """What two sessions share behind their ids. What one alone has there can be a part of its secret."""
        known = [route for route, had_by in self.had_by.items() if had_by is True or INSTANCE_ROUTE.fullmatch(route)]
        return set(sorted(known, key=lambda route: (-self.known_times[route], route))[:MOST_ROUTES])

    def created(self):
        return max(sorted(self.known() & set(self.created_times)), key=self.created_times.get, default=None)

    def own(self, instance_id):
        """This server's: its instance's id where routes are ids of instances, otherwise what new sessions get."""
        known = self.known()
        if instance_id and (instance_id in known or any(INSTANCE_ROUTE.fullmatch(route) for route in known)):
            return instance_id
        own = self.created()
        requests = self.requests.get(own, 0)
        if requests >= FEWEST_REQUESTS and self.refused.get(own, 0) > requests / 2:
            # The server refuses most requests with the route that it gives to new sessions itself, so that route belongs to another server.
            return "-"
        return own

    def foreign(self, own):
        return sum(self.requests.get(route, 0) for route in self.known() - set([own]))
