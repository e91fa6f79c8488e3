"""Changes of a Python file: comparisons, and/or, not, True/False, numbers and results, as JSON lines.

Reads the source from standard input. Each line is `{"from", "to", "becomes"}`, offsets in characters.
Exits with 3 for syntax that this Python does not know.
"""

import ast
import json
import sys

COMPARISONS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}


def offset(lines, line, column):
    """ast counts columns in bytes of UTF-8."""
    before = sum(len(text) for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())


def span(lines, node):
    return offset(lines, node.lineno, node.col_offset), offset(lines, node.end_lineno, node.end_col_offset)


def propose(source):
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            left = node.left
            for operator, right in zip(node.ops, node.comparators):
                text, becomes = COMPARISONS[type(operator)]
                start, end = span(lines, left)[1], span(lines, right)[0]
                between = source[start:end]
                if between.count(text) == 1:
                    at = start + between.index(text)
                    yield at, at + len(text), becomes
                left = right
        elif isinstance(node, ast.BoolOp):
            text, becomes = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            for left, right in zip(node.values, node.values[1:]):
                start, end = span(lines, left)[1], span(lines, right)[0]
                between = source[start:end]
                if between.count(text) == 1:
                    at = start + between.index(text)
                    yield at, at + len(text), becomes
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            start, end = span(lines, node)
            yield start, end, source[slice(*span(lines, node.operand))]
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            start, end = span(lines, node)
            yield start, end, str(not node.value)
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            start, end = span(lines, node)
            yield start, end, str(node.value + 1)
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            start, end = span(lines, node.test)
            yield start, end, "False"
        elif isinstance(node, ast.Return) and node.value is not None:
            start, end = span(lines, node.value)
            yield start, end, "None"


try:
    proposals = sorted(propose(sys.stdin.read()))
except SyntaxError as error:
    release = ".".join(str(part) for part in sys.version_info[:2])
    print(f"Python {release} does not know the syntax of line {error.lineno}", file=sys.stderr)
    sys.exit(3)
for start, end, becomes in proposals:
    print(json.dumps({"from": start, "to": end, "becomes": becomes}))
