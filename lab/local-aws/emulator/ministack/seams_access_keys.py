"""Seam: reports the access keys of IAM users to the gateway, which authorizes the calls of its own services."""

from seam import need, post

_TIMEOUT_SECONDS = 5


def report_access_keys(iam, gateway: str) -> None:
    """Keys of users have no session: the gateway knows them from their creation to their end."""
    handlers = need(iam, "_IAM_HANDLERS")
    keys = need(iam, "_access_keys")
    users = need(iam, "_users")

    def reporting(handler):
        def handle(params):
            before = {key_id: dict(entry) for key_id, entry in keys.items()}
            answer = handler(params)
            after = dict(keys.items())
            for key_id in before.keys() | after.keys():
                if after.get(key_id) == before.get(key_id):
                    continue
                entry = after.get(key_id) or before[key_id]
                is_over = key_id not in after or entry.get("Status") == "Inactive"
                body = {
                    "accessKeyId": key_id,
                    "secretAccessKey": entry["SecretAccessKey"],
                    "sessionToken": "",
                    "principalArn": (users.get(entry["UserName"]) or {}).get("Arn", ""),
                    # Long ago: the key is no longer accepted.
                    "expiresAtMs": 1 if is_over else None,
                }
                post(gateway, "/_holdfast/sessions", body, _TIMEOUT_SECONDS)
            return answer

        return handle

    for name in ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"):
        handlers[name] = reporting(handlers[name])
