/** Functions write log streams on threads of their own while a request describes their group. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readSetup } from '../../../../setup/read-setup.mjs';

const SEAMS = path.resolve(import.meta.dirname, '../../emulator/ministack');

/** A stream arrives after the first step of each walk: what a thread of a function does, at the worst moment. */
const SCRIPT = `
import json, sys
sys.path.insert(0, sys.argv[1])
import seams_logs
from ministack.services import cloudwatch_logs as logs

def group():
    return {"arn": "arn:aws:logs:eu-west-1:000000000000:log-group:g", "creationTime": 1, "tags": {}, "streams": {}}

def walk(name):
    streams = logs._log_groups[name]["streams"]
    streams["first"] = {"events": [{"message": "abc"}]}
    for read in (streams.values, streams.items, streams.keys, streams.__iter__):
        for number, _ in enumerate(read()):
            streams[f"{read.__name__}-{number}-{len(streams)}"] = {"events": [{"message": "abc"}]}
            if number > 20:
                break

def outcome(name):
    try:
        walk(name)
        return "ended"
    except RuntimeError as error:
        return str(error)

logs._log_groups["before"] = group()
without = outcome("before")
seams_logs.open_seam(logs)
logs._log_groups["after"] = group()
described = json.loads(logs._describe_log_groups({})[2]) if outcome("after") == "ended" else {}
print(json.dumps({
    "without": without,
    "kept": outcome("before"),
    "groups": [g["logGroupName"] for g in described.get("logGroups", [])],
    "bytesAreCounted": all(g["storedBytes"] >= 6 for g in described.get("logGroups", [])),
}))
`;

it('describes a log group to which a stream is added meanwhile', async () => {
  const { stdout } = await promisify(execFile)(readSetup().python, ['-B', '-c', SCRIPT, SEAMS], {
    timeout: 150_000,
    env: { PATH: '/usr/bin:/bin', HOLDFAST_EVENT_TOKEN: 't' },
  });
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    without: 'dictionary changed size during iteration',
    kept: 'ended',
    groups: ['after', 'before'],
    bytesAreCounted: true,
  });
});
