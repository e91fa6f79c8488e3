# What the requests of an access log came to, by the minute and by the path, in rows that are short. Counts are by minute, path and status.
from log_values import MACHINES, add, agent_class
from log_times import MINUTE_MS, MOST_MINUTES

MOST_BY_PATH = 20
MOST_CELLS = 200
# Where sessions have little room.
FEWEST_CELLS = 40
MOST_STATUSES = 150
MOST_AGENTS_KEPT = 2000
# Names of apps whose behaviour is followed; more are people's.
MOST_APPS = 200
# An app that was refused, or left a session behind that it was given, this many times and at half of its requests is a script.
FEWEST_OF_SCRIPT = 10
OTHER = "other"
STATUS_BITS, PLACE_BITS = 10, 44
# In the place of a status: a session that was lost, which this server knew.
LOST_SESSION = 0


class UserAgent:
    """An app, whose name alone does not say that it is a browser or a program, has counts of its own."""

    def __init__(self, name, cells):
        self.name, self.cells = agent_class(name), cells
        self.is_app = self.name == "browser" and name != "browser" and not name.startswith("Mozilla/")
        self.requests = self.unkept = self.users = 0

    def note(self, is_user, unkept):
        """One request: whether it sent a session or can have logged in, and whether it was refused, or began a session."""
        self.requests += 1
        self.users += is_user
        self.unkept += unkept

    def kind(self):
        return "script" if self.unkept >= max(FEWEST_OF_SCRIPT, self.requests / 2) and not self.users else self.name


class Counts:
    """Requests by minute, path and status, without those of health checks, which are known by their agents or their paths."""

    def __init__(self, health):
        self.health = health
        # By numbers: a path's place, and in its last bits the minute and the status.
        self.cells, self.plain, self.places = dict(), dict(), dict()
        self.agents, self.apps = dict(), dict()

    def place_of_page(self, number, page, plain):
        """
        The place of the path that a page counts as; None for a health check's, and machines' requests are in no count either. `number` is that of all
        pages that differ by ids.
        """
        self.plain.setdefault(number, plain)
        return None if page in self.health else self.places.setdefault(plain, len(self.places) << PLACE_BITS)

    def take(self, at, place, status, name):
        """Its agent."""
        agent = self.agents.get(name) or self.agent(name)
        if place is not None and agent.name not in MACHINES:
            cell = place + (at // MINUTE_MS << STATUS_BITS) + status
            agent.cells[cell] = agent.cells.get(cell, 0) + 1
        return agent

    def agent(self, name):
        found = self.apps.get(name)
        if found is None:
            found = UserAgent(name, self.cells)
            if found.is_app and len(self.apps) < MOST_APPS:
                found.cells = dict()
                self.apps[name] = found
        if len(self.agents) > MOST_AGENTS_KEPT:
            self.agents.clear()
        self.agents[name] = found
        return found

    def read_cells(self):
        """By minute, path and status."""
        names, minutes, read = list(self.places), 1 << PLACE_BITS - STATUS_BITS, dict()
        for cells in [self.cells] + [app.cells for app in self.apps.values() if app.kind() not in MACHINES]:
            for cell, count in cells.items():
                add(read, ((cell >> STATUS_BITS) % minutes, names[cell >> PLACE_BITS], cell % (1 << STATUS_BITS)), count)
        return read

    def result(self, begin, traces, shows_paths, most_cells):
        cells = self.read_cells()
        cells.update(((minute, path, LOST_SESSION), count) for (minute, path), count in traces.losses().items())
        paths, is_cut = by_path(cells) if shows_paths else (dict(), False)
        errors, has_more = error_rows(cells, paths, begin, most_cells) if paths else ([], False)
        return dict(minutes=rows_by_minute(cells, begin), paths=rows_by_path(paths), errors=errors, errorsCut=is_cut or has_more)


def column_of(status):
    """Of a row of counts; 0 for requests that nothing else counts. 304 is no redirect: the page has not changed."""
    if status >= 400:
        return 2 if status < 500 else 3
    return 1 if status in (301, 302, 303, 307, 308) else 0


def rows_by_minute(counts, begin):
    """`MINUTE REQUESTS REDIRECTS CLIENT SERVER`, without the zeros at the end. MINUTE counts from `begin`; CLIENT and SERVER are errors."""
    rows = dict()
    for (minute, _, status), count in counts.items():
        row, column = rows.setdefault(minute, [0] * 4), column_of(status)
        row[0] += count if status != LOST_SESSION else 0
        row[column] += count if column else 0
    latest = sorted(rows.items())[-MOST_MINUTES:]
    for _, row in latest:
        while row[-1] == 0:
            row.pop()
    return [" ".join(map(str, [minute - begin] + row)) for minute, row in latest]


def by_path(counts):
    """The largest counts by status, for each path: those with the most errors first. The rest is one, the last. And whether there are more."""
    paths = dict()
    for (_, path, status), count in counts.items():
        add(paths.setdefault(path, dict()), status, count)

    def place(path):
        of = paths[path].items()
        return -sum(count for status, count in of if status >= 400), -sum(count for status, count in of if status != LOST_SESSION), path

    order = sorted(paths, key=place)
    shown = dict((path, paths[path]) for path in order[:MOST_BY_PATH])
    for path in order[MOST_BY_PATH:]:
        for status, count in paths[path].items():
            add(shown.setdefault(OTHER, dict()), status, count)
    counts = sorted((-count, path, status) for path, statuses in shown.items() for status, count in statuses.items())
    for _, path, status in counts[MOST_STATUSES:]:
        del shown[path][status]
    return dict((path, statuses) for path, statuses in shown.items() if statuses), len(counts) > MOST_STATUSES


def rows_by_path(paths):
    """`PATH STATUS:COUNT,…`"""
    return ["%s %s" % (path, ",".join("%d:%d" % each for each in sorted(statuses.items()))) for path, statuses in paths.items()]


def error_rows(counts, paths, begin, most):
    """`PATH STATUS MINUTE:COUNT,…` of the largest counts, PATH as its place among the paths; and whether there are more."""
    names, cells, rows = list(paths), dict(), dict()
    for (minute, path, status), count in counts.items():
        if status >= 400:
            name = path if path in paths else OTHER
            if name in paths:
                add(cells, (names.index(name), status, minute), count)
    for (place, status, minute), count in sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))[:most]:
        rows.setdefault("%d %d " % (place, status), []).append("%d:%d" % (minute - begin, count))
    return [row + ",".join(cells_of) for row, cells_of in rows.items()], len(cells) > most
