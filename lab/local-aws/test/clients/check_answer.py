"""Compares an answer, as it came over the wire, with the service model that botocore publishes. Stricter than any client:
a client ignores members that the model does not have, and fills in what is missing.

Paths read like `TargetGroups[0].Matcher.HttpCode`.
"""

import json
import re
from datetime import datetime

from botocore.compat import ETree
from botocore.parsers import RpcV2CBORParser

TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def check_reply(operation, protocol, body):
    """The faults of a successful reply: a list of sentences, empty when it is valid."""
    shape = operation.output_shape
    if protocol in ("query", "ec2"):
        return _check_xml_reply(operation, protocol, body)
    if protocol == "json":
        value = json.loads(body or b"{}")
        return list(_json_faults(shape, value, "")) if shape is not None else _extra(value)
    value = RpcV2CBORParser()._initial_body_parse(body) or {}
    return list(_cbor_faults(shape, value, "")) if shape is not None else _extra(value)


def _extra(value):
    return [f"{name}: the model has no output" for name in value]


# XML: Query and EC2


def _check_xml_reply(operation, protocol, body):
    root = ETree.fromstring(body)
    faults = []
    if _name(root) != f"{operation.name}Response":
        faults.append(f"the root is {_name(root)} and not {operation.name}Response")
    namespace = operation.service_model.metadata.get("xmlNamespace", "")
    if protocol == "query" and not root.tag.startswith("{" + namespace + "}"):
        faults.append(f"the namespace of {root.tag} is not {namespace}")
    shape = operation.output_shape
    if protocol == "ec2":
        children = [child for child in root if _name(child) != "requestId"]
        return faults + list(_xml_structure(shape, children, "", protocol)) if shape is not None else faults
    names = [_name(child) for child in root]
    if "ResponseMetadata" not in names:
        faults.append("there is no ResponseMetadata")
    if shape is None:
        return faults
    wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
    unknown = set(names) - {wrapper, "ResponseMetadata"}
    if unknown:
        faults.append(f"{', '.join(sorted(unknown))} next to {wrapper}")
    result = [child for child in root if _name(child) == wrapper]
    if len(result) != 1:
        return [*faults, f"there are {len(result)} {wrapper}"]
    return faults + list(_xml_structure(shape, list(result[0]), "", protocol))


def _name(element):
    return element.tag.rpartition("}")[2]


def _wire_name(name, member, protocol):
    """As the element is called: a flattened list has the name of its items."""
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name", member.serialization.get("name", name))
    return member.serialization.get("name", name)


def _xml_structure(shape, children, path, protocol):
    members = {_wire_name(name, member, protocol): member for name, member in shape.members.items()}
    found = {}
    for child in children:
        found.setdefault(_name(child), []).append(child)
    for name, elements in found.items():
        member = members.get(name)
        if member is None:
            yield f"{path}{name}: not in {shape.name}"
        elif member.type_name == "list" and member.serialization.get("flattened"):
            for index, element in enumerate(elements):
                yield from _xml_value(member.member, element, f"{path}{name}[{index}]", protocol)
        elif len(elements) > 1:
            yield f"{path}{name}: there are {len(elements)}"
        else:
            yield from _xml_value(member, elements[0], f"{path}{name}", protocol)
    present = {id(members[name]) for name in found if name in members}
    for name in shape.required_members:
        if id(shape.members[name]) not in present and _wire_name(name, shape.members[name], protocol) not in found:
            yield f"{path}{name}: required in {shape.name}"


def _xml_value(shape, element, path, protocol):
    children = list(element)
    if shape.type_name == "structure":
        if not children and (element.text or "").strip():
            yield f"{path}: text in place of {shape.name}"
        else:
            yield from _xml_structure(shape, children, f"{path}.", protocol)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "item" if protocol == "ec2" else "member")
        if not children and (element.text or "").strip():
            yield f"{path}: text in place of a list"
        for index, child in enumerate(children):
            if _name(child) != item:
                yield f"{path}[{index}]: called {_name(child)} and not {item}"
            else:
                yield from _xml_value(shape.member, child, f"{path}[{index}]", protocol)
    elif shape.type_name == "map":
        for child in children:
            if _name(child) != "entry":
                yield f"{path}: {_name(child)} in a map"
    elif children:
        yield f"{path}: {_name(children[0])} in place of {shape.type_name}"
    else:
        yield from _text_faults(shape, element.text or "", path)


def _text_faults(shape, text, path):
    kind = shape.type_name
    if kind in ("integer", "long") and not re.fullmatch(r"-?\d+", text):
        yield f"{path}: {text!r} is not an {kind}"
    elif kind in ("float", "double") and not _is_number(text):
        yield f"{path}: {text!r} is not a {kind}"
    elif kind == "boolean" and text not in ("true", "false"):
        yield f"{path}: {text!r} is not a boolean"
    elif kind == "timestamp":
        if not TIMESTAMP.match(text) or not _is_date(text):
            yield f"{path}: {text!r} is not a timestamp"
    elif kind == "string":
        yield from _string_faults(shape, text, path)


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_date(text):
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def _string_faults(shape, text, path):
    if shape.enum and text not in shape.enum:
        yield f"{path}: {text!r} is none of {shape.name}: {', '.join(shape.enum)}"
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    # AWS itself answers an empty text where there is nothing (aws ssm get-command-invocation help).
    if text and len(text) < least:
        yield f"{path}: {text!r} is shorter than {least} ({shape.name})"
    if most is not None and len(text) > most:
        yield f"{path}: {len(text)} characters are more than {most} ({shape.name})"


# JSON and CBOR: values of a language


def _json_faults(shape, value, path):
    return _value_faults(shape, value, path, lambda seconds: isinstance(seconds, (int, float)) and not isinstance(seconds, bool))


def _cbor_faults(shape, value, path):
    return _value_faults(shape, value, path, lambda time: isinstance(time, datetime))


PYTHON = {"integer": int, "long": int, "float": (int, float), "double": (int, float), "boolean": bool, "string": str}


def _value_faults(shape, value, path, is_time):
    kind = shape.type_name
    if value is None:
        yield f"{path}: null"
    elif kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} in place of {shape.name}"
            return
        dot = f"{path}." if path else ""
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, content in value.items():
            if name not in members:
                yield f"{dot}{name}: not in {shape.name}"
            else:
                yield from _value_faults(members[name], content, f"{dot}{name}", is_time)
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in value:
                yield f"{dot}{name}: required in {shape.name}"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: {type(value).__name__} in place of a list"
            return
        for index, item in enumerate(value):
            yield from _value_faults(shape.member, item, f"{path}[{index}]", is_time)
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} in place of a map"
            return
        for name, content in value.items():
            yield from _value_faults(shape.value, content, f"{path}[{name}]", is_time)
    elif kind == "timestamp":
        if not is_time(value):
            yield f"{path}: {value!r} is not a timestamp"
    elif kind != "blob":
        if not isinstance(value, PYTHON[kind]) or (kind != "boolean" and isinstance(value, bool)):
            yield f"{path}: {value!r} is not a {kind}"
        elif kind == "string":
            yield from _string_faults(shape, value, path)
