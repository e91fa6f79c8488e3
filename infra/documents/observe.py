# Asks the gate path up to `attempts` times and reads the server's counters once at the end.
# The document's own time-out is 240 s.
LONGEST_SECONDS = 200.0


def ask_gate(port, path):
    """True when the release says that it works, and what it answered."""
    try:
        status, text = ask(port, path)
    except (OSError, http.client.HTTPException) as error:
        return False, describe(error)[:200]
    answer = "%d %s" % (status, re.sub(r"\s+", " ", text).strip()[:200])
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return status == 200 and isinstance(body, dict) and body.get("status") == "UP", answer.strip()


def answer_milliseconds(port, path):
    """How long one answer took, a failed one included: an answer that never comes is as slow as its time-out."""
    started = time.monotonic()
    try:
        ask(port, path)
    except (OSError, http.client.HTTPException):
        pass
    return (time.monotonic() - started) * 1000


def main():
    attempts = int(parameter("attempts", r"[0-9]{1,2}"))
    interval = seconds("intervalSeconds")
    confirm = seconds("confirmSeconds")
    contract = current_contract()
    port = server_port(contract)
    health = contract.get("health") if isinstance(contract.get("health"), dict) else dict()
    gate = health.get("gate")
    end = time.monotonic() + LONGEST_SECONDS

    live = health.get("loadBalancer")
    took = []
    up_in_a_row = 0
    answer = "not asked" if gate else "no release with a gate path is installed"
    for attempt in range(attempts if gate else 0):
        if attempt > 0:
            pause = confirm if up_in_a_row > 0 else interval
            if time.monotonic() + pause > end:
                break
            time.sleep(pause)
        up, answer = ask_gate(port, gate)
        up_in_a_row = up_in_a_row + 1 if up else 0
        if live:
            took.append(answer_milliseconds(port, live))

    result = dict(upInARow=up_in_a_row, attempts=attempts, lastAnswer=answer, version=version_of(CURRENT))
    answers = dict()
    if took:
        # The median: one answer that waited for a garbage collection says nothing.
        result["latencyMs"] = round(sorted(took)[(len(took) - 1) // 2], 1)
    for name in ("inFlight", "requests", "errors", "sessions", "latencyMs"):
        if isinstance(contract.get(name), dict):
            try:
                result[name] = read_probe(port, contract[name], answers)
            except ProbeError as error:
                print("%s: %s" % (name, error), file=sys.stderr)
    say(result)


main()
