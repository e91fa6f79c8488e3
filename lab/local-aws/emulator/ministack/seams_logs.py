"""Seam: a log group can be described while a function writes to it.

MiniStack answers requests on one thread and writes the lines of functions on others. A new log stream that arrives while
DescribeLogGroups adds up the bytes of a group ended that request with the status 500, "dictionary changed size during
iteration". The streams of every group are therefore a mapping whose walks are walks of a copy.
"""

from seam import need


class Streams(dict):
    """Log streams by name. Each walk is of a copy, which CPython makes without letting another thread in between."""

    def __iter__(self):
        return iter(list(dict.keys(self)))

    def keys(self):
        return list(dict.keys(self))

    def values(self):
        return list(dict.values(self))

    def items(self):
        return list(dict.items(self))


class _Groups(dict):
    """Log groups by account, region and name; those that arrive get such streams."""

    def __setitem__(self, key, group):
        if not isinstance(group["streams"], Streams):
            group["streams"] = Streams(group["streams"])
        super().__setitem__(key, group)


def open_seam(cloudwatch_logs) -> None:
    groups = need(cloudwatch_logs, "_log_groups")
    need(type(groups), "_data")
    kept = _Groups()
    for key, group in groups._data.items():
        kept[key] = group
    groups._data = kept
