"""Finds patterns of a document's script whose time grows faster than their text.

Reads JSON: the scripts, without their last line. Prints the patterns that it found, and of each that is not linear its worst text.
"""
import ast
import builtins
import json
import os
import re
import signal
import sys
import time

try:
    import re._constants as sre
    import re._parser as parser
except ImportError:
    import sre_constants as sre
    import sre_parse as parser

SMALL, LARGE, LARGER = 16 * 1024, 64 * 1024, 128 * 1024
# Twice the text takes twice the time; a machine that is busy may take more. A shorter time is noise.
MOST_GROWTH = 3
LEAST_SECONDS = 0.02
# For all texts of one pattern.
MOST_SECONDS = 2.5
CALLS = ("compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "split")
CANDIDATES = "a1A -_=:;,.\"'/\\@%<>[]{}()&#?!*x\x1b\t"


class Names(dict):
    """Names of a script; an unknown one is a local variable, and a text."""

    def __missing__(self, name):
        return getattr(builtins, name, "x")


def patterns_in_calls(script, names):
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                pattern = eval(compile(ast.Expression(node.args[0]), "pattern", "eval"), {}, Names(names))
                yield re.compile(pattern), node.func.attr in ("match", "fullmatch")


def patterns_in_values(value, depth=4):
    if isinstance(value, re.Pattern):
        yield value, False
    elif depth > 0 and isinstance(value, dict):
        for each in value.values():
            yield from patterns_in_values(each, depth - 1)
    elif depth > 0 and isinstance(value, (list, tuple)):
        for each in value:
            yield from patterns_in_values(each, depth - 1)
    elif depth > 0 and type(value).__module__ == "__main__":
        yield from patterns_in_values(vars(value) if hasattr(value, "__dict__") else None, depth - 1)


def is_in(items, character):
    code = ord(character)
    found = False
    for kind, value in items:
        if kind is sre.LITERAL:
            found = found or code == value
        elif kind is sre.RANGE:
            found = found or value[0] <= code <= value[1]
        elif kind is sre.CATEGORY:
            word = dict(
                [(sre.CATEGORY_DIGIT, r"\d"), (sre.CATEGORY_SPACE, r"\s"), (sre.CATEGORY_WORD, r"\w"),
                 (sre.CATEGORY_NOT_DIGIT, r"\D"), (sre.CATEGORY_NOT_SPACE, r"\S"), (sre.CATEGORY_NOT_WORD, r"\W")]
            )[value]
            found = found or bool(re.match(word, character))
    return found != any(kind is sre.NEGATE for kind, _ in items)


def choices(items):
    """Characters of a class: an ordinary one, and the strangest one."""
    usable = [each for each in CANDIDATES if is_in(items, each)]
    usable = usable or [chr(value if kind is sre.LITERAL else value[0]) for kind, value in items if kind in (sre.LITERAL, sre.RANGE)]
    return [usable[0], usable[-1]] if usable else ["a"]


def sample(tree):
    """A short text that the tree can match, without its assertions."""
    text = ""
    for kind, value in tree:
        if kind is sre.LITERAL:
            text += chr(value)
        elif kind is sre.NOT_LITERAL:
            text += "a" if value != ord("a") else "b"
        elif kind is sre.ANY:
            text += "a"
        elif kind is sre.IN:
            text += choices(value)[0]
        elif kind is sre.BRANCH:
            text += sample(value[1][0])
        elif kind is sre.SUBPATTERN:
            text += sample(value[-1])
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            text += sample(value[2]) * max(1, min(value[0], 64))
    return text


def pumps(tree, prefix=""):
    """Pairs of what is before a repetition and what is repeated; and each word of a choice."""
    for kind, value in tree:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            inner = value[2]
            if value[1] is sre.MAXREPEAT or value[1] > 8:
                yield prefix, sample(inner)
                if len(inner) == 1 and inner[0][0] is sre.IN:
                    yield from ((prefix, each) for each in choices(inner[0][1]))
            yield from pumps(inner, prefix)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield prefix, sample(branch)
                yield from pumps(branch, prefix)
        elif kind is sre.SUBPATTERN:
            yield from pumps(value[-1], prefix)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            yield from pumps(value[1], prefix)
        prefix += sample([(kind, value)])


def hostile(pattern):
    """Functions from a size to a text."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    whole = sample(tree)
    found = set([(whole, ""), (whole[:-1], ""), (whole[:1], "")])
    found.update(pumps(tree))
    texts = set()
    for prefix, body in found:
        for begin, unit, end in (
            (prefix, body, "\x00"), ("", prefix + body, "\x00"), ("", body, "\x00"), ("", prefix, "\x00"), (prefix, body + " ", ""),
            (prefix + body, prefix or " ", "\x00"), ("", (prefix + body) * 2 + " ", "\x00"),
        ):
            if unit and len(begin) < 200:
                texts.add((begin, unit, end))
    return sorted(texts)


def text_of(parts, size):
    begin, unit, end = parts
    return begin + unit * (size // len(unit)) + end


def seconds_of(run, text):
    begun = time.process_time()
    run(text)
    return time.process_time() - begun


def compare(run, texts):
    """None for what is linear on its worst text, otherwise that text and its times."""
    worst = max(texts, key=lambda parts: seconds_of(run, text_of(parts, SMALL)))
    pairs = []
    for _ in range(3):
        large, larger = (seconds_of(run, text_of(worst, size)) for size in (LARGE, LARGER))
        pairs.append((round(large, 3), round(larger, 3)))
        if larger <= MOST_GROWTH * max(large, LEAST_SECONDS):
            return None
    return dict(text=[part[:60] for part in worst], seconds=pairs)


def compare_in_time(run, texts):
    """Likewise, in a process of its own: Python interrupts no search."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        try:
            os.write(writer, json.dumps(compare(run, texts)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    answer = b"".join(iter(lambda: os.read(reader, 65536), b""))
    os.close(reader)
    os.waitpid(process, 0)
    return json.loads(answer) if answer else dict(seconds="more than %s" % MOST_SECONDS)


def run_pattern(pattern, is_anchored):
    return (lambda text: pattern.match(text)) if is_anchored else (lambda text: sum(1 for _ in pattern.finditer(text)))


def main():
    given = json.load(sys.stdin)
    found = dict()
    names = dict()
    for script in given["scripts"]:
        names = dict(__name__="__main__")
        exec(script, names)
        for value in list(names.values()):
            found.update(((pattern.pattern, pattern.flags), (pattern, anchored)) for pattern, anchored in patterns_in_values(value))
        for pattern, anchored in patterns_in_calls(script, names):
            found.setdefault((pattern.pattern, pattern.flags), (pattern, anchored))
    for each in given["patterns"]:
        found[(each, 0)] = (re.compile(each), False)
    failed = []
    for pattern, anchored in found.values():
        problem = compare_in_time(run_pattern(pattern, anchored), hostile(pattern))
        if problem:
            failed.append(dict(problem, pattern=pattern.pattern))
    for expression in given["functions"]:
        run = eval("lambda text: " + expression, names)
        problem = compare_in_time(run, [tuple(parts) for parts in given["texts"]])
        if problem:
            failed.append(dict(problem, pattern=expression))
    print(json.dumps(dict(patterns=[pattern.pattern for pattern, _ in found.values()], failed=failed)))


main()
