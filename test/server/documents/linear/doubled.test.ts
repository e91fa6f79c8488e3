/** Twice the lines of a log take about twice the time to read and judge, in whatever order and form a client has had them written. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { joinPython } from '../../../../server/documents/join-python.ts';
import { runPython } from '../warm-python.ts';

const CASES = readFileSync(new URL('doubled.py', import.meta.url), 'utf8');
/** Four times for a walk over all lines at each of them; a busy machine adds to two. */
const MOST_GROWTH = 3;

it.each([
  ['read_access_log', 'access_growths', 600],
  ['read_logs', 'application_growths', 1_500],
])(
  '%s',
  async (module, growths, lines) => {
    const script = `${joinPython(module).replace(/\nmain\(\)\s*$/, '\n')}\n${CASES}`;
    const { stdout, stderr } = await runPython({ script, more: `print(json.dumps(${growths}(${lines})))`, limitSeconds: 60 });
    expect(stderr).toBe('');
    const found = Object.entries(JSON.parse(stdout) as Record<string, number>);
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter(([, growth]) => growth > MOST_GROWTH)).toEqual([]);
  },
  60_000,
);

it('ends judging at its time limit, whatever is under way, and then shows statuses without any session', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'judged-')), 'log');
  mkdirSync(folder);
  const file = join(folder, 'access.log');
  writeFileSync(file, '2026-11-27T10:00:00Z 200 abcdefgh\n');
  const own = `
READ_SECONDS = 0.2
def judge(self, judge=AccessLog.judge):
    judge(self)
    while True:
        try:
            time_ms("none")
        except Exception:
            pass
AccessLog.judge = judge
reading = Reading()
contract = dict(logs=dict(access=dict(path=${JSON.stringify(file)}, pattern="$time $status $session")), session=dict(cookie="SID"))
log = read_access(contract, reading, b"k" * 32, 0, 10 ** 14)
print(json.dumps([log.result("i-0123456789abcdef0"), reading.gaps]))`;
  const script = joinPython('read_access_log').replace(/\nmain\(\)\s*$/, '\n');
  const { stdout, stderr } = await runPython({ script, more: own, limitSeconds: 20 });
  rmSync(dirname(folder), { recursive: true });
  expect(stderr).toBe('');
  const [result, gaps] = JSON.parse(stdout) as [object, string[]];
  expect(result).toMatchObject({ partial: true, statuses: { '200': 1 }, withSession: 1, sessions: [], showsLost: false, created: null });
  expect(gaps).toEqual(["after 0 s the order of the access log's requests still showed no lost session: sessions are not counted"]);
});
