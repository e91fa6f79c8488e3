"""Seam: only the gateway's own services may send events with aws.* sources, as on AWS."""

from seam import need


def open_seam(eventbridge, token: str) -> None:
    put = need(eventbridge, "_put_events")

    def put_events(data, allow_aws_source=False):
        entries = data.get("Entries") or []
        # The trace header is the only free field of an entry that rules cannot match.
        trusted = bool(entries) and all(entry.get("TraceHeader") == token for entry in entries)
        return put(data, allow_aws_source=allow_aws_source or trusted)

    eventbridge._put_events = put_events
    for name, handler in list(vars(eventbridge).items()):
        if isinstance(handler, dict):
            for key, value in list(handler.items()):
                if value is put:
                    handler[key] = put_events
