# Watches the server's in-flight and request counts for one slice, and ends early once it is idle: nothing in flight and
# no request for quietSeconds, but not before floorSeconds. Quiet time carries over slices while the requests counter does
# not change.
POLL_SECONDS = 0.2
# The document's own time-out is 180 s.
LONGEST_SLICE_SECONDS = 120.0
# A busy server can lose one response and still have counts.
FAILURES_IN_A_ROW = 3


def sample(contract):
    responses = dict()
    counts = dict()
    for name in ("inFlight", "requests"):
        counts[name] = read_probe(contract, name, responses)
    if isinstance(contract.get("sessions"), dict):
        try:
            counts["sessions"] = read_probe(contract, "sessions", responses)
        except ProbeError:
            pass  # only for display; a drain does not wait for it
    return counts


def no_counts(reason):
    print_result(dict(signal="blind", quietSeconds=0, reason=reason[:200]))


def main():
    token = fencing_token()
    slice_seconds = min(seconds("sliceSeconds"), LONGEST_SLICE_SECONDS)
    floor_seconds = min(seconds("floorSeconds"), slice_seconds)
    quiet_seconds = seconds("quietSeconds")
    requests = int(parameter("previousRequests", r"-1|[0-9]{1,15}"))
    carried = seconds("previousQuietSeconds")
    if is_stale(token):
        sys.exit("StaleFencingToken: a deploy with a fencing token above %d works on this instance" % token)

    if version_of(CURRENT) == NO_RELEASE and has_placeholder():
        return print_result(dict(signal="blind", placeholder=True, quietSeconds=0))
    contract = current_contract()
    if not isinstance(contract.get("inFlight"), dict) or not isinstance(contract.get("requests"), dict):
        return no_counts("the release's contract has no inFlight and requests probes")

    begin = time.monotonic()
    end = begin + slice_seconds
    floor = begin + floor_seconds
    quiet_since = None
    failures = 0
    while True:
        try:
            counts = sample(contract)
            failures = 0
        except ProbeError as error:
            failures += 1
            if failures >= FAILURES_IN_A_ROW:
                return no_counts(str(error))
            time.sleep(POLL_SECONDS)
            continue
        now = time.monotonic()
        if counts["requests"] != requests or counts["inFlight"] > 0:
            quiet_since = now
        elif quiet_since is None:
            quiet_since = now - carried
        requests = counts["requests"]
        quiet = now - quiet_since
        if now >= end or (now >= floor and counts["inFlight"] == 0 and quiet >= quiet_seconds):
            return print_result(dict(signal="counts", quietSeconds=round(quiet, 3), **counts))
        # The next sample is at the floor or at the end if one of them is near.
        time.sleep(min(POLL_SECONDS, *(at - now for at in (floor, end) if at > now)))


main()
