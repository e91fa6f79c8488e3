"""Decides by a role's policies whether a call is allowed, as IAM does: for SimulatePrincipalPolicy, which the gateway asks.

LocalStack Community compares an action and a resource with a policy's texts, without wildcards and conditions. Permissions
boundaries and session policies are left out.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"


def decide(policies: Iterable[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, list[str]]) -> str:
    """`context` has the condition keys in lower case. Raises ValueError for an operator of a condition that is not known."""
    decision = IMPLICIT_DENY
    for policy in policies:
        for statement in _list(policy.get("Statement")):
            if not _concerns(statement, action, resource) or not _holds(statement.get("Condition") or {}, context):
                continue
            if statement.get("Effect") == "Deny":
                return EXPLICIT_DENY
            decision = ALLOWED
    return decision


def _concerns(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if "Action" in statement:
        concerned = any(_like(pattern.lower(), action.lower()) for pattern in _list(statement["Action"]))
    else:
        concerned = not any(_like(pattern.lower(), action.lower()) for pattern in _list(statement.get("NotAction")))
    if "Resource" in statement:
        return concerned and any(_like(pattern, resource) for pattern in _list(statement["Resource"]))
    return concerned and not any(_like(pattern, resource) for pattern in _list(statement.get("NotResource")))


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, list[str]]) -> bool:
    return all(
        _meets(operator, context.get(key.lower()), [str(value) for value in _list(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _meets(operator: str, given: list[str] | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (given is None) == (wanted == ["true"])
    quantifier, _, name = operator.rpartition(":")
    if name.endswith("IfExists"):
        if given is None:
            return True
        name = name.removesuffix("IfExists")
    negated = "Not" in name
    matches = _matcher(name.replace("Not", ""))
    match quantifier:
        case "ForAllValues":
            return all(any(matches(value, each) for each in wanted) != negated for value in given or [])
        case "ForAnyValue":
            return any(any(matches(value, each) for each in wanted) != negated for value in given or [])
    if given is None:
        return negated
    return any(matches(value, each) for value in given for each in wanted) != negated


def _matcher(name: str) -> Callable[[str, str], bool]:
    match name:
        case "StringEquals":
            return lambda value, wanted: value == wanted
        case "StringEqualsIgnoreCase" | "Bool":
            return lambda value, wanted: value.lower() == wanted.lower()
        case "StringLike" | "ArnLike" | "ArnEquals":
            return lambda value, wanted: _like(wanted, value)
    raise ValueError(f"the condition operator {name} is not evaluated in the local cloud")


def _like(pattern: str, value: str) -> bool:
    return _pattern(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4_096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern), re.DOTALL)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
