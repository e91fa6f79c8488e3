# The requests of an access log, in few bytes each, and what they show together: which pages only users get, where users log in, and
# whether another session in the place of one was a login or a loss.
import array
import bisect
import re

from log_values import add

LOST = (302, 303, 307, 401)
# Numbers of the sessions that a request ended with, where it was none, and where the log does not show it.
NONE = -1
NOT_SHOWN = -2
# What a request's method says.
GET = 0
CHANGES = 1
NO_METHOD = 2
# Added to it: the way back from where users log in.
RETURNS = 16
MOST_PAGES = 5000
# Next requests that are looked at to judge a session.
NEXT_REQUESTS = 12
# A page that refuses this many times as many anonymous requests as it serves is for users.
REFUSES = 2
# A page to which fewer were sent is not taken for the one where users log in.
FEWEST_SENT = 2
# A link that ended the sessions of fewer is not taken for a logout.
FEWEST_ENDED = 3
# A cookie that is new at each answer; one with a session in it is longer than an id.
FEWEST_CHANGES = 10
LONG_VALUE = 100


def page_of(path):
    """The path without its query, and with * for what can be an id."""
    plain = re.split(r"[?;# ]", path, maxsplit=1)[0]
    return re.sub(r"/[^/]*\d[^/]*", "/*", re.sub(r"^[a-z]+://[^/]*", "", plain))[:100]


def new_columns():
    """Time, session named, session answered, page, status and flags."""
    return [array.array(kind) for kind in "qiiHHB"]


class Requests:
    """Columns of all requests, and the sessions (hash and route), pages and other texts that they have numbers of."""

    def __init__(self):
        self.blocks = []
        self.numbers, self.sessions = dict(), []
        self.pages = dict()
        self.length_of_answers = self.answers = 0

    def begin_block(self):
        self.blocks.append(new_columns())

    def number(self, session):
        if session is None:
            return NONE
        found = self.numbers.get(session)
        if found is None:
            found = self.numbers[session] = len(self.sessions)
            self.sessions.append(session)
        return found

    def page(self, path):
        page = page_of(path)
        if page not in self.pages and len(self.pages) >= MOST_PAGES:
            page = ""
        return self.pages.setdefault(page, len(self.pages))

    def note_length(self, value):
        self.answers += 1
        self.length_of_answers += len(value)

    def mean_length(self):
        return self.length_of_answers / max(1, self.answers)

    def add(self, at, named, answered, page, status, flags):
        times, names, answers, pages, statuses, all_flags = self.blocks[-1]
        times.append(at)
        names.append(named)
        answers.append(answered)
        pages.append(page)
        statuses.append(status)
        all_flags.append(flags)

    def in_order(self):
        """All requests by their times; those of one time as the log has them, which is read from its end."""
        columns = self.blocks.pop() if self.blocks else new_columns()
        while self.blocks:
            for column, more in zip(columns, self.blocks.pop()):
                column.extend(more)
        order = sorted(range(len(columns[0])), key=columns[0].__getitem__)
        return Rows([array.array(column.typecode, map(column.__getitem__, order)) for column in columns])


class Rows:
    """Requests as tuples, which are made when they are looked at."""

    def __init__(self, columns):
        self.columns = columns

    def __iter__(self):
        return zip(*self.columns)

    def backwards(self, *columns):
        return zip(*[reversed(self.columns[column]) for column in columns])

    def __getitem__(self, position):
        return tuple([column[position] for column in self.columns])


def method_of(flags):
    return flags & 3


class Pages:
    """
    What each page does: a page for users refuses anonymous requests, and serves others. Anonymous is a request without a session, or with
    one that a page began and that has changed nothing since.
    """

    def __init__(self, rows, sessions):
        self.rows, self.sessions = rows, sessions
        self.refused, self.anonymous, self.served, self.kept, self.ended, self.after = dict(), dict(), dict(), dict(), dict(), dict()
        # Ends of sessions by page, while older ones go on; None until it is asked for.
        self.among_others = None
        # Positions of the requests that named a session.
        self.positions = dict()
        fresh, waits = set(), dict()
        for position, row in enumerate(rows):
            self.note(position, row, fresh, waits)
        # A user whom a page for users sends away goes to the page where users log in.
        sent = dict()
        for (refused, page), count in self.after.items():
            if self.is_for_users(refused) and not self.refused.get(page):
                sent[page] = sent.get(page, 0) + count
        most = max(sent.values(), default=0)
        self.logins = set(page for page, count in sent.items() if count >= FEWEST_SENT and count * 5 >= most)

    def note(self, position, row, fresh, waits):
        _, named, answered, page, status, flags = row
        name = self.sessions[named][0] if named >= 0 else None
        is_read = method_of(flags) != CHANGES
        is_other = answered >= 0 and self.sessions[answered][0] != name
        is_anonymous = name is None or name in fresh
        if name is not None:
            self.positions_of(name).append(position)
            if not is_read:
                fresh.discard(name)
            if answered == NOT_SHOWN or answered >= 0 and not is_other:
                add(self.kept, page)
            elif answered == NONE:
                add(self.ended, page)
        if 200 <= status < 300 and is_read:
            add(self.served, page)
            if is_anonymous:
                add(self.anonymous, page)
            if name is not None and name in waits:
                add(self.after, (waits[name], page))
        elif status in LOST and is_read:
            add(self.refused, page)
        waits.pop(name, None)
        if is_other and is_read and is_anonymous and 200 <= status < 300:
            fresh.add(self.sessions[answered][0])
        if status in LOST and status != 401 and is_read:
            waits[self.sessions[answered][0] if is_other else name] = page

    def positions_of(self, name):
        found = self.positions.get(name)
        if found is None:
            found = self.positions[name] = array.array("i")
        return found

    def is_named(self, name, since):
        positions = self.positions.get(name)
        return bool(positions) and self.rows[positions[-1]][0] >= since

    def is_for_users(self, page):
        refused, anonymous = self.refused.get(page, 0), self.anonymous.get(page, 0)
        return refused > 0 and anonymous * REFUSES <= refused and self.served.get(page, 0) > anonymous

    def others_go_on(self, page):
        """
        Whether sessions that are older than most of those that the page ended are found after them, so that it was the page that ended them, and no
        store that was emptied.
        """
        if self.among_others is None:
            self.among_others = dict()
            oldest = len(self.rows.columns[0])
            for position, (named, answered, at_page) in zip(reversed(range(oldest)), self.rows.backwards(1, 2, 3)):
                if named >= 0 and answered == NONE and oldest < position:
                    add(self.among_others, at_page)
                elif answered >= 0 and named >= 0 and self.sessions[answered][0] == self.sessions[named][0]:
                    oldest = min(oldest, self.positions[self.sessions[named][0]][0])
        return self.among_others.get(page, 0) * 2 >= self.ended.get(page, 0)

    def shows(self, name, position):
        """
        Whether a session was a signed-in user's at its next requests: True if a page for users served it, False if it was refused, went to
        the page where users log in, or was given another id by a change; None if the log does not show it.
        """
        for _, _, answered, page, status, flags in self.next_requests(name, position):
            for_users = self.is_for_users(page)
            if for_users and 200 <= status < 300:
                return True
            if self.sends_away(page, status, flags):
                return False
            if method_of(flags) == CHANGES and answered >= 0 and self.sessions[answered][0] != name:
                return False
        return None

    def renews(self, position, may_log_in):
        """
        Whether the request of a signed-in user that got another session only got another id: a page for users served it, or serves its new
        session before its user can have logged in, by `may_log_in` of a request's flags.
        """
        _, _, answered, page, status, _ = self.rows[position]
        if self.is_for_users(page) and 200 <= status < 300:
            return True
        for _, _, _, page, status, flags in self.next_requests(self.sessions[answered][0], position):
            if may_log_in(flags) or self.sends_away(page, status, flags):
                return False
            if self.is_for_users(page) and 200 <= status < 300:
                return True
        return False

    def sends_away(self, page, status, flags):
        """Whether a request shows that its user has not logged in."""
        return status == 401 or page in self.logins or self.is_for_users(page) and status in LOST and method_of(flags) != CHANGES

    def next_requests(self, name, position):
        # Servers write a line when they have answered, so that a request's can be behind that of the next one: from the first of its time on.
        positions, times = self.positions.get(name, ()), self.rows.columns[0]
        begin = bisect.bisect_left(positions, bisect.bisect_left(times, times[position]))
        return (self.rows[each] for each in positions[begin:begin + NEXT_REQUESTS])

    def changes_at_each_answer(self, mean_length):
        """
        Whether the server gives another value at nearly each answer, and finds each of them: a cookie that has the session in it, encrypted
        anew. Where it does not find them, users lose their sessions.
        """
        named = changed = came_back = found = 0
        for position, (_, name, answered, _, status, flags) in enumerate(self.rows):
            if name < 0 or method_of(flags) == CHANGES or flags & RETURNS or status >= 400:
                continue
            named += 1
            if answered >= 0 and self.sessions[answered][0] != self.sessions[name][0]:
                changed += 1
                if self.sessions[answered][0] in self.positions:
                    came_back += 1
                    found += self.shows(self.sessions[answered][0], position) is True
        return (
            changed >= FEWEST_CHANGES and changed * 5 >= named * 3 and came_back * 2 >= changed
            and (found * 2 >= came_back or mean_length >= LONG_VALUE)
        )
