"""The template of the resources that exist after a change of their stack failed, each as it is. Pure."""

from typing import Any


def existing(before: dict[str, Any], after: dict[str, Any], done: set[str], gone: set[str]) -> dict[str, Any]:
    """The template of what a failed change of `before` to `after` left: `done` succeeded, and `gone` was deleted."""
    resources = {**before.get("Resources", {}), **{name: each for name, each in after.get("Resources", {}).items() if name in done}}
    named = {section: {**after.get(section, {}), **before.get(section, {})} for section in ("Parameters", "Mappings", "Conditions")}
    return {
        **after,
        **before,
        **named,
        "Resources": {name: each for name, each in resources.items() if name not in gone},
        # Outputs of the earlier template, unless resources are gone: an output could refer to one of them.
        "Outputs": {} if gone else before.get("Outputs", {}),
    }
