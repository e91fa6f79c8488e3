# Shows what the application wrote around a time, redacted: as much as fits into the answer, what is nearest to the time first.
import heapq
import json
import re

from application_log import ApplicationLog, read_application
from foreign_words import service_properties, service_redactor
from instance import SERVICE, current_contract
from labelled_values import MASK, is_secret_name
from log_files import Reading
from log_part import LONGEST_OUTPUT, attempt, limit_itself, shown_gaps, window
from words import print_result

# Besides the lines: what is missing.
ROOM = LONGEST_OUTPUT - 4200
# The nearest ones: a log of short lines must not fill the memory.
MOST_ENTRIES = 1000
PROPERTIES_SECONDS = 2.0
# The value is on the next line: `"password":`, `["password"]=>`.
ENDS_WITH_LABEL = re.compile(r"([\w.-]+)[\"'\]]*\s*(?:=>|[=:])\s*$")


class Lines(ApplicationLog):
    def __init__(self, from_ms, to_ms):
        super().__init__(from_ms, to_ms)
        self.middle = (from_ms + to_ms) // 2
        self.nearest, self.count_of = [], 0

    def count(self, entry):
        self.count_of += 1
        item = (-abs(entry.at - self.middle), -self.count_of, entry)
        if len(self.nearest) < MOST_ENTRIES:
            heapq.heappush(self.nearest, item)
        else:
            heapq.heappushpop(self.nearest, item)

    def shown(self, redactor):
        """Their times and texts, in the order of time; whether some did not fit."""
        room, rows, is_cut = ROOM, [], self.count_of > len(self.nearest)
        for _, number, entry in sorted(self.nearest, key=lambda item: (-item[0], -item[1])):
            kept = []
            for text in redacted(entry.raw, redactor):
                size = len(json.dumps([entry.at, text])) + 1
                if size > room:
                    is_cut = True
                    break
                room -= size
                kept.append([entry.at, text])
            rows.append((entry.at, -number, kept))
        return [line for _, _, kept in sorted(rows) for line in kept], is_cut


def redacted(texts, redactor):
    is_value = False
    for text in texts:
        line = MASK if is_value else redactor.line(text)
        label = ENDS_WITH_LABEL.search(text[-200:])
        is_value = label is not None and is_secret_name(label.group(1))
        if line:
            yield line


def main():
    log = Lines(*window())
    limit_itself()
    reading = Reading()
    attempt(reading.gaps, "logs.application", read_application, log, current_contract(), reading)
    properties = service_properties(SERVICE, "Environment,EnvironmentFiles", PROPERTIES_SECONDS)
    lines, is_cut = log.shown(service_redactor(properties))
    cut = dict(cut=True) if is_cut or log.partial else dict()
    print_result(dict(cut, lines=lines, gaps=shown_gaps(reading.gaps)))


main()
