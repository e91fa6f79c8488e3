# What the requests of an access log came to, by the minute and by the path, in rows that are short. Counts are by minute, path and status.
from log_values import add

MOST_MINUTES = 120
MOST_BY_PATH = 20
MOST_CELLS = 200
OTHER = "other"
# In the place of a status: a session that was lost, which this server knew, and one that clients alone named.
LOST_KNOWN = 0
LOST_UNKNOWN = 1


def column_of(status):
    """Of a row of counts; 0 for requests that nothing else counts. 304 is no redirect: the page has not changed."""
    if status >= 400:
        return 2 if status < 500 else 3
    return 4 + status if status <= LOST_UNKNOWN else 1 if status in (301, 302, 303, 307, 308) else 0


def rows_by_minute(counts, begin):
    """`MINUTE REQUESTS REDIRECTS CLIENT SERVER LOST UNKNOWN`, without the zeros at the end. MINUTE counts from `begin`; CLIENT and SERVER are errors."""
    rows = dict()
    for (minute, _, status), count in counts.items():
        row, column = rows.setdefault(minute, [0] * 6), column_of(status)
        row[0] += count if column < 4 else 0
        row[column] += count if column else 0
    latest = sorted(rows.items())[-MOST_MINUTES:]
    for _, row in latest:
        while row[-1] == 0:
            row.pop()
    return [" ".join(map(str, [minute - begin] + row)) for minute, row in latest]


def by_path(counts):
    """Counts by status, for each path: those with the most errors first. The rest is one, the last."""
    paths = dict()
    for (_, path, status), count in counts.items():
        add(paths.setdefault(path, dict()), status, count)

    def place(path):
        of = paths[path].items()
        return -sum(count for status, count in of if status >= 400), -sum(count for status, count in of if status > LOST_UNKNOWN), path

    order = sorted(paths, key=place)
    shown = dict((path, paths[path]) for path in order[:MOST_BY_PATH])
    for path in order[MOST_BY_PATH:]:
        for status, count in paths[path].items():
            add(shown.setdefault(OTHER, dict()), status, count)
    return shown


def rows_by_path(paths):
    """`PATH STATUS:COUNT,…`"""
    return ["%s %s" % (path, ",".join("%d:%d" % each for each in sorted(statuses.items()))) for path, statuses in paths.items()]


def error_rows(counts, paths, begin):
    """`PATH STATUS MINUTE:COUNT,…` of the largest counts, PATH as its place among the paths; and whether there are more."""
    names, cells, rows = list(paths), dict(), dict()
    for (minute, path, status), count in counts.items():
        if status >= 400:
            add(cells, (names.index(path if path in paths else OTHER), status, minute), count)
    for (place, status, minute), count in sorted(cells.items(), key=lambda cell: (-cell[1], cell[0]))[:MOST_CELLS]:
        rows.setdefault("%d %d " % (place, status), []).append("%d:%d" % (minute - begin, count))
    return [row + ",".join(cells_of) for row, cells_of in rows.items()], len(cells) > MOST_CELLS
