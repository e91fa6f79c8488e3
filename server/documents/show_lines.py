# Shows what the application wrote around a time, redacted: as much as fits into the answer, what is nearest to the time first.
import json

from application_log import ApplicationLog, read_application
from foreign_words import service_redactor
from instance import current_contract
from log_entries import MOST_LINE
from log_files import Reading
from log_part import LONGEST_OUTPUT, attempt, limit_itself, shown_gaps, window
from print_result import print_result

# Besides the lines: what is missing.
ROOM = LONGEST_OUTPUT - 4200


class Lines(ApplicationLog):
    def __init__(self, from_ms, to_ms):
        super().__init__(from_ms, to_ms)
        self.entries = []

    def count(self, entry):
        self.entries.append(entry)

    def shown(self, redactor):
        """Their times and texts, in the order of time; whether some did not fit."""
        middle = (self.from_ms + self.to_ms) // 2
        room, rows = ROOM, []
        nearest = sorted(enumerate(self.entries), key=lambda item: abs(item[1].at - middle))
        for place, entry in nearest:
            # Whole: what a limit has left of a secret is not recognised.
            texts = [entry.head] + [redactor.without_cut_word(text) if len(text) >= MOST_LINE else text for _, text in entry.lines[1:]]
            texts = [text for text in (redactor.line(text) for text in texts) if text]
            room -= len(json.dumps([[entry.at, text] for text in texts]))
            if room < 0:
                break
            rows.append((place, [[entry.at, text] for text in texts]))
        return [line for _, lines in sorted(rows) for line in lines], len(rows) < len(nearest)


def main():
    log = Lines(*window())
    limit_itself()
    reading = Reading()
    attempt(reading.gaps, "logs.application", read_application, log, current_contract(), reading)
    # Blocks are read from the end of the log: the sort is stable within one.
    log.entries.sort(key=lambda entry: entry.at)
    lines, is_cut = log.shown(service_redactor(dict()))
    cut = dict(cut=True) if is_cut or log.partial else dict()
    print_result(dict(cut, lines=lines, gaps=shown_gaps(reading.gaps)))


main()
