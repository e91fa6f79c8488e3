/** The servers' logs at the begin of a case: nothing of earlier cases, and the access logs with a few usual requests of half an hour ago. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Servers } from '../../demo/incident-faults/changes/server-environment.ts';

/** So many usual requests of each access log are kept: enough to show from when on the log reaches, too few to thin out a case's own. */
const KEPT_LINES = 60;
/** The age that they get. What is older than ten minutes before the first sign is the time to compare with, of which ten minutes are needed. */
const AGE_SECONDS = 30 * 60;
/** Until each of the steady users has come back some times. */
const USUAL_MS = 8_000;

/** Finds what the servers log; AccessLogValve begins a file for each day. */
const FILES = `
import datetime, os, re
root = os.path.join(os.environ['HOLDFAST_ROOT'], 'var')
kept = os.path.join(root, 'usual')
logs = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names if '/logs/' in os.path.join(folder, name)]
copy_of = lambda log: os.path.join(kept, os.path.relpath(log, root).replace('/', '-'))
`;

const KEEP = `${FILES}
os.makedirs(kept, exist_ok=True)
for log in logs:
    if 'access' in os.path.basename(log):
        with open(log, 'rb') as lines, open(copy_of(log), 'wb') as copy:
            copy.writelines(lines.readlines()[-${KEPT_LINES}:])
`;

/** A server that was started since then has none; its users are back by the time the next case can begin. */
const KEEP_WHERE_NONE = KEEP.replace('os.makedirs(kept, exist_ok=True)', 'if os.path.isdir(kept): raise SystemExit\nos.makedirs(kept)');

/** Times as \`2026-11-23T02:43:29\` and as \`23/Nov/2026:02:43:29\`, both in UTC. */
const BEGIN = `${FILES}
FORMS = ((re.compile(rb'\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'), '%Y-%m-%dT%H:%M:%S'), (re.compile(rb'\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d'), '%d/%b/%Y:%H:%M:%S'))
now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
def dated_back(lines):
    for pattern, form in FORMS:
        times = pattern.findall(b''.join(lines))
        if times:
            by = now - datetime.timedelta(seconds=${AGE_SECONDS}) - datetime.datetime.strptime(times[0].decode(), form)
            shift = lambda found: (datetime.datetime.strptime(found[0].decode(), form) + by).strftime(form).encode()
            return [pattern.sub(shift, line, count=1) for line in lines]
    return []
for log in logs:
    try:
        with open(copy_of(log), 'rb') as copy:
            before = dated_back(copy.readlines())
    except FileNotFoundError:
        before = []
    # The same file: the processes that write it append.
    with open(log, 'wb') as file:
        file.writelines(before)
`;

const script = (python: string): string => `set -eu\npython3 -I - <<'PYTHON'\n${python}PYTHON`;

const onEach = async (servers: Servers, text: string): Promise<void> => {
  await Promise.all((await servers.list()).map((instanceId) => servers.run(instanceId, text)));
};

/** Keeps some lines of the access logs, while everything is as usual. */
export async function keepUsualLogs(servers: Servers): Promise<void> {
  await sleep(USUAL_MS);
  await onEach(servers, script(KEEP));
}

/** The same for servers that Auto Scaling started since: without an earlier time in its log, nothing that a server shows is certain. */
export const keepUsualLogsOfNewServers = (servers: Servers): Promise<void> => onEach(servers, script(KEEP_WHERE_NONE));

/** Empties the logs and the service's journal, and puts the kept requests into the access logs. */
export async function beginLogs(servers: Servers): Promise<void> {
  await onEach(servers, `${script(BEGIN)}\njournalctl --rotate --vacuum-time=1s`);
}
