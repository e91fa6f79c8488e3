"""Seam: the Amazon States Language where MiniStack reads it loosely.

A path that leads nowhere is States.Runtime and not null, and a null is present. Neither States.ALL nor States.TaskFailed
stands for States.Runtime and States.DataLimitExceeded. A retrier waits as long as it says, up to its MaxDelaySeconds, and
not for an execution that has ended. A result or a state's data above 256 KiB is States.DataLimitExceeded. npm run check:asl
compares each with AWS's pages.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json

from seam import need

_MOST_BYTES = 262_144
_RUNTIME = "States.Runtime"
_TOO_LARGE = "States.DataLimitExceeded"
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
_NOT_IN_WILDCARDS = (_RUNTIME, _TOO_LARGE)


def open_seam(stepfunctions, is_over) -> None:
    _read_paths(stepfunctions)
    _match_errors(stepfunctions)
    _delay_retries(stepfunctions, is_over)
    _limit_sizes(stepfunctions)


def _read_paths(stepfunctions) -> None:
    resolve = need(stepfunctions, "_resolve_path")
    tokens_of = need(stepfunctions, "_parse_jsonpath_tokens")
    choose = need(stepfunctions, "_evaluate_rule")
    error_of = need(stepfunctions, "_ExecutionError")

    def leads_nowhere(path, data):
        steps = tokens_of(path) or []
        for kind, key in steps:
            if kind == "field" and isinstance(data, dict) and key in data:
                data = data[key]
            elif kind == "index" and isinstance(data, list) and key < len(data):
                data = data[key]
            else:
                return kind in ("field", "index")
        return False

    def resolve_or_fail(path, data):
        found = resolve(path, data)
        if found is None and path and path.startswith("$") and path != "$" and leads_nowhere(path, data):
            raise error_of(_RUNTIME, f"The JSONPath '{path}' could not be found in the input '{json.dumps(data, default=str)}'")
        return found

    def choose_by_presence(rule, data, ctx=None):
        variable = rule.get("Variable")
        if not variable or "IsPresent" not in rule:
            return choose(rule, data, ctx)
        path, scope = (variable[1:], ctx or {}) if variable.startswith("$$.") else (variable, data)
        return (path == "$" or not leads_nowhere(path, scope)) == rule["IsPresent"]

    stepfunctions._resolve_path = resolve_or_fail
    stepfunctions._evaluate_rule = choose_by_presence


def _match_errors(stepfunctions) -> None:
    matches = need(stepfunctions, "_error_matches")

    def matches_with_limits(error_equals, error):
        if error == _RUNTIME:
            return False
        return error in error_equals if error in _NOT_IN_WILDCARDS else matches(error_equals, error)

    stepfunctions._error_matches = matches_with_limits


def _delay_retries(stepfunctions, is_over) -> None:
    find = need(stepfunctions, "_find_matching_retrier")
    sleep = need(stepfunctions, "_scaled_sleep")

    def find_and_wait(retriers, error, retry_counts):
        retrier, index = find(retriers, error, retry_counts)
        if retrier is None or is_over():
            return None, -1
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retry_counts.get(index, 0)
        sleep(min(delay, retrier.get("MaxDelaySeconds", delay)))
        # MiniStack would wait once more, without a maximum of the definition's and with one of its own.
        return (None, -1) if is_over() else ({**retrier, "IntervalSeconds": 0}, index)

    stepfunctions._find_matching_retrier = find_and_wait


def _limit_sizes(stepfunctions) -> None:
    call = need(stepfunctions, "_call_lambda")
    fill = need(stepfunctions, "_apply_parameters")
    hand_on = need(stepfunctions, "_apply_output_path")
    error_of = need(stepfunctions, "_ExecutionError")

    def checked(value):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        # A character has four bytes at the most.
        if len(text) * 4 > _MOST_BYTES and len(text.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
            cause = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
            raise error_of(_TOO_LARGE, cause)
        return value

    stepfunctions._call_lambda = lambda func_ref, event: checked(call(func_ref, event))
    stepfunctions._apply_parameters = lambda state_def, data, ctx=None: checked(fill(state_def, data, ctx))
    stepfunctions._apply_output_path = lambda state_def, data, ctx=None: checked(hand_on(state_def, data, ctx))
