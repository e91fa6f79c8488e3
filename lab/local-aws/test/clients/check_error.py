"""Compares a refusal, as it came over the wire, with the errors that the service's model names."""

import json

from botocore.compat import ETree

# What every service of a protocol answers.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/CommonErrors.html
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html
COMMON_QUERY = {
    "AccessDenied": 403,
    "IncompleteSignature": 400,
    "InternalFailure": 500,
    "InvalidAction": 400,
    "InvalidClientTokenId": 403,
    "InvalidParameterCombination": 400,
    "InvalidParameterValue": 400,
    "MissingParameter": 400,
    "SignatureDoesNotMatch": 403,
    "Throttling": 400,
    "ValidationError": 400,
}
COMMON_JSON = {
    "AccessDeniedException": 400,
    "IncompleteSignatureException": 400,
    "InternalFailure": 500,
    "InvalidSignatureException": 400,
    "SerializationException": 400,
    "ThrottlingException": 400,
    "UnknownOperationException": 400,
    "UnrecognizedClientException": 400,
    "ValidationException": 400,
}


def common_errors(protocol):
    return COMMON_QUERY if protocol in ("query", "ec2") else COMMON_JSON


def modelled_errors(shapes):
    """The codes of these error shapes, each with its HTTP status."""
    errors = {}
    for shape in shapes:
        traits = shape.metadata.get("error", {})
        errors[traits.get("code", shape.name)] = traits.get("httpStatusCode", 400)
    return errors


def check_error(operation, protocol, status, headers, body):
    """The faults of a refusal: a list of sentences, empty when it is valid."""
    code, faults = _read(protocol, headers, body)
    allowed = common_errors(protocol) | modelled_errors(operation.error_shapes)
    if code not in allowed:
        faults.append(f"the error {code} is none of {', '.join(sorted(modelled_errors(operation.error_shapes)))}")
    elif allowed[code] != status:
        faults.append(f"the error {code} has the status {status} and not {allowed[code]}")
    return faults


def _read(protocol, headers, body):
    if protocol == "query":
        root = ETree.fromstring(body)
        texts = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
        missing = [name for name in ("ErrorResponse", "Error", "Type", "Code", "Message", "RequestId") if name not in texts]
        return texts.get("Code"), [f"the error has no {name}" for name in missing]
    if protocol == "json":
        value = json.loads(body)
        return value.get("__type", "").rpartition("#")[2], []
    from botocore.parsers import RpcV2CBORParser

    value = RpcV2CBORParser()._initial_body_parse(body)
    query = headers.get("x-amzn-query-error", "").split(";")
    faults = [] if len(query) == 2 else ["the error has no x-amzn-query-error"]
    return query[0], faults
