"""Logs in orders and forms that a client can choose, and the CPU time that each part of their reading takes of n lines, and of 2n."""
import time

SET = '$time "$path" $status $session "$set" "$agent" "$referer"'
ANSWERED = '$time "$path" $status $session $answered "$agent"'


def moment(second):
    return "2026-11-27T%02d:%02d:%02dZ" % (10 + second // 3600, second // 60 % 60, second % 60)


def renewed(second, number):
    """Two sessions that are each other's answer: whether one was lost is asked of the other."""
    return '%s "GET /a HTTP/1.1" 200 a%d "SID=a%d; Path=/" "ua" "-"' % (moment(second), number % 2, (number + 1) % 2)


ACCESS = dict([
    ("all in one second", (SET, lambda n: [renewed(0, number) for number in range(n)])),
    ("the latest first", (SET, lambda n: [renewed((n - number) // 3, number) for number in range(n)])),
    ("one page after the other", (SET, lambda n: [
        '%s "POST /p%d HTTP/1.1" 302 s%d "SID=t%d; Path=/" "ua%d" "http://h%d.example/"' % ((moment(number // 50),) + (number,) * 5)
        for number in range(n)
    ])),
    ("one session is ended again and again", (ANSWERED, lambda n: [
        '%s "%s HTTP/1.1" %d s %s "ua"' % (moment(0), ("GET /out", "POST /in", "GET /me")[number % 3], 302 - 102 * (number % 2), "-s"[number % 2])
        for number in range(n)
    ])),
    ("one line has all cookies", ('$time $status "$http_cookie"', lambda n: [moment(0) + ' 200 "%s"' % "; ".join(["SID=a"] * n)])),
])
APPLICATION = dict([
    ("errors behind one long line", lambda n: ["2026-11-27T10:00:00Z " + "x " * 8 * n + "error"] + ["AError:"] * n),
    ("a trace in one line", lambda n: ['2026-11-27T10:00:00Z {"error":"' + "\\n\\tat a.b(c)\\nCaused by: redis" * n + '"}']),
    ("causes without an end", lambda n: ["2026-11-27T10:00:00Z error"] + ["Caused by: redis timeout", "    at a.b(c)"] * (n // 2)),
])


def seconds_of(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun


def read_access_lines(pattern, lines):
    read, fields = reader_of(pattern, "SID")
    log = AccessLog(dict(cookie="SID"), fields, Hasher(b"k" * 32), Paths([]), (0, 10 ** 14))
    log.take(read, lines)
    log.judge()
    fit(log, "i-0123456789abcdef0", dict(gaps=log.gaps()))
    assert log.lines == len(lines) and log.unknown == 0


def read_application_lines(lines):
    log = ApplicationLog(0, 10 ** 14)
    log.take(lines)
    assert log.result()["lines"] > 0


def growth_of(work, lines_of, lines):
    """How much longer the double takes: the least of three, since a machine does other things too."""
    once, twice = lines_of(lines), lines_of(2 * lines)
    pairs = [(seconds_of(lambda: work(once)), seconds_of(lambda: work(twice))) for _ in range(3)]
    return min(pair[1] for pair in pairs) / min(pair[0] for pair in pairs)


def access_growths(lines):
    return dict((name, growth_of(lambda given, by=pattern: read_access_lines(by, given), make, lines)) for name, (pattern, make) in ACCESS.items())


def application_growths(lines):
    return dict((name, growth_of(read_application_lines, make, lines)) for name, make in APPLICATION.items())
