"""Seam: reports sessions and calls to the gateway, and makes SimulatePrincipalPolicy complete.

The gateway authorizes the calls of its own services. MiniStack reports every session to it before the session can be
used. The gateway calls SimulatePrincipalPolicy, of which MiniStack ignores the condition keys and every resource but the
first. The policy evaluator also gets DynamoDB's partition keys, by which a policy separates one fleet's records from
another's, and the sources of events.
"""

import contextvars
import json
import queue
import re
import threading
from xml.sax.saxutils import escape

from seam import need, post
from seams_access_keys import report_access_keys

_TIMEOUT_SECONDS = 5
_OF_A_MACHINE = re.compile(r":assumed-role/[^/]+/m?i-[0-9a-f]{17}$")
_params: contextvars.ContextVar = contextvars.ContextVar("holdfast_simulated", default=None)


def open_seam(sts, iam, evaluator, actions, dynamodb, gateway: str):
    """Returns a function that reports a call to the gateway: its `accessKeyId` or `principal`, `action`, `resource` and `allowed`."""
    _treat_loopback_as_tls(evaluator)
    _add_leading_keys(actions, dynamodb)
    _add_event_sources(actions)
    _report_sessions(sts, gateway)
    report_access_keys(iam, gateway)
    report = _start_reporting(gateway)
    _report_calls(evaluator, report)
    _simulate_completely(iam, evaluator)
    return report


def _treat_loopback_as_tls(evaluator) -> None:
    """aws:SecureTransport is true: on AWS all our clients use HTTPS; here they use loopback, which nobody else can read."""
    pin = need(evaluator, "pin_request_origin")
    evaluator.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)


def _report_sessions(sts, gateway: str) -> None:
    register = need(sts, "register_session")
    reported: dict[str, str] = {}

    def register_session(access_key, session):
        if _OF_A_MACHINE.search(session.get("Arn", "")):
            # On AWS an instance's metadata service renews credentials, on premises the agent; a local machine gets them only once.
            session.pop("Expiration", None)
        register(access_key, session)
        secret, session_token = session.get("SecretAccessKey"), session.get("SessionToken")
        known = f"{secret}:{session_token}:{session.get('Expiration')}"
        # A function's credentials are the same for each of its environments.
        if reported.get(access_key) == known:
            return
        expires = session.get("Expiration")
        body = {
            "accessKeyId": access_key,
            "secretAccessKey": secret or "",
            "sessionToken": session_token or "",
            "principalArn": session.get("Arn", ""),
            "expiresAtMs": int(expires * 1000) if isinstance(expires, (int, float)) else None,
        }
        post(gateway, "/_holdfast/sessions", body, _TIMEOUT_SECONDS)
        reported[access_key] = known

    sts.register_session = register_session


def _start_reporting(gateway: str):
    calls: queue.Queue = queue.Queue(maxsize=10_000)
    seen: set = set()

    def report(call: dict) -> None:
        # Equal calls are reported once.
        known = tuple(call.values())
        if known in seen:
            return
        if len(seen) >= 100_000:
            seen.clear()
        seen.add(known)
        try:
            calls.put_nowait(call)
        except queue.Full:
            seen.discard(known)

    def forward():
        while True:
            batch = [calls.get()]
            while len(batch) < 100 and not calls.empty():
                batch.append(calls.get())
            try:
                post(gateway, "/_holdfast/calls", {"calls": batch}, _TIMEOUT_SECONDS)
            except (ValueError, OSError):
                pass  # calls are recorded for reports only; no call waits for the record or fails with it

    threading.Thread(target=forward, daemon=True, name="calls").start()
    return report


def _report_calls(evaluator, report) -> None:
    enforce = need(evaluator, "enforce")
    auth_error = need(evaluator, "AuthError")

    def enforce_and_report(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        denied = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context)
        # A call without credentials has no principal.
        if access_key_id and not isinstance(denied, auth_error):
            report({"accessKeyId": access_key_id, "action": iam_action, "resource": resource_arn, "allowed": denied is None})
        return denied

    evaluator.enforce = enforce_and_report


def _add_leading_keys(actions, dynamodb) -> None:
    """dynamodb:LeadingKeys: the partition keys of the items that a request reads or writes; a Scan has none.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    context_of = need(actions, "dynamodb_service_context")
    tables = need(dynamodb, "_tables")

    def partition_key(table):
        schema = (tables.get(str(table).rsplit("/", 1)[-1]) or {}).get("KeySchema") or []
        return next((key["AttributeName"] for key in schema if key.get("KeyType") == "HASH"), None)

    def text(value):
        return str(next(iter(value.values()))) if isinstance(value, dict) and value else None

    def of_request(request):
        name = partition_key(request.get("TableName"))
        if name is None:
            return []
        item = request.get("Key") or request.get("Item")
        if item:
            return [text(item.get(name))]
        names = request.get("ExpressionAttributeNames") or {}
        values = request.get("ExpressionAttributeValues") or {}
        expression = str(request.get("KeyConditionExpression") or "")
        return [text(values.get(value)) for key, value in re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", expression) if names.get(key, key) == name]

    def of_batch(items):
        for table, requests in items.items():
            name = partition_key(table)
            entries = requests.get("Keys", []) if isinstance(requests, dict) else [write for entry in requests for write in entry.values()]
            for entry in entries:
                item = entry.get("Item") or entry.get("Key") or entry
                yield text(item.get(name))

    def with_leading_keys(body):
        context = context_of(body)
        try:
            request = json.loads(body or b"{}")
            found = [key for entry in request.get("TransactItems", []) for part in entry.values() for key in of_request(part)]
            found += of_request(request) + list(of_batch(request.get("RequestItems") or {}))
        except (AttributeError, TypeError, ValueError):
            return context  # a request that cannot be read is refused by DynamoDB itself
        keys = sorted({key for key in found if key is not None})
        return {**context, "dynamodb:LeadingKeys": keys, "dynamodb:leadingkeys": keys} if keys else context

    actions.dynamodb_service_context = with_leading_keys


def _add_event_sources(actions) -> None:
    """events:source and events:detail-type of the entries of PutEvents.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """
    context_of = need(actions, "request_tag_context")

    def with_sources(service, iam_action, body, params):
        context = context_of(service, iam_action, body, params)
        if iam_action != "events:PutEvents":
            return context
        try:
            entries = json.loads(body or b"{}").get("Entries") or []
            sources = sorted({str(entry.get("Source", "")) for entry in entries})
            types = sorted({str(entry.get("DetailType", "")) for entry in entries})
        except (AttributeError, TypeError, ValueError):
            return context  # a request that cannot be read is refused by EventBridge itself
        return {**context, "events:source": sources, "events:detail-type": types}

    actions.request_tag_context = with_sources


def _simulate_completely(iam, evaluator) -> None:
    handlers = need(iam, "_IAM_HANDLERS")
    read = need(iam, "_p")
    need(iam, "_build_simulate_results_real")
    context_of = need(evaluator, "EvalContext")
    evaluate = need(evaluator, "evaluate")
    region = need(iam, "get_region")

    def members(params, name):
        found = []
        while value := read(params, f"{name}.member.{len(found) + 1}"):
            found.append(value)
        return found

    def condition_keys(params):
        keys = {}
        index = 1
        while name := read(params, f"ContextEntries.member.{index}.ContextKeyName"):
            values = members(params, f"ContextEntries.member.{index}.ContextKeyValues")
            keys[name.lower()] = values[0] if len(values) == 1 else values
            index += 1
        return keys

    def with_params(handler):
        def handle(params):
            mark = _params.set(params)
            try:
                return handler(params)
            finally:
                _params.reset(mark)

        return handle

    def results(actions, _resource_arn, principal_arn, account_id, policies):
        params = _params.get() or {}
        keys = condition_keys(params)
        answer = ""
        for action in actions:
            for resource in members(params, "ResourceArns") or ["*"]:
                context = context_of(
                    principal_arn=principal_arn,
                    principal_type="AssumedRole" if ":role/" in principal_arn else "User",
                    principal_account=account_id,
                    action=action,
                    resource_arn=resource,
                    region=region(),
                    service_context=keys,
                )
                decision = evaluate(context, policies).decision if policies else "ImplicitDeny"
                answer += (
                    f"<member><EvalActionName>{escape(action)}</EvalActionName>"
                    f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
                    f"<EvalDecision>{_DECISIONS[decision]}</EvalDecision>"
                    "<MatchedStatements></MatchedStatements><MissingContextValues></MissingContextValues></member>"
                )
        return answer

    iam._build_simulate_results_real = results
    for name in ("SimulatePrincipalPolicy", "SimulateCustomPolicy"):
        handlers[name] = with_params(handlers[name])


_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}
