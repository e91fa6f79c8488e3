/** A release that does not start, and does what it can to keep the previous one from coming back: it serves before anything is explained. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, CONTRACT, release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { FULL } from '../../e2e/full-run.ts';
import { scriptOf } from './unpack.ts';
import { startWarmFleet } from './warm-machines.ts';
import { runPython } from './warm-python.ts';

let fleet: TestFleet;
let instanceId: string;
let folder: string;

beforeAll(async () => {
  fleet = await startWarmFleet();
  instanceId = (await fleet.launch()).instanceId;
  folder = fleet.instances.get(instanceId)?.folder ?? '';
  await fleet.install(instanceId, '1.0.0', await release());
});
afterAll(() => fleet.stop());

/** Prints `lines`, answers `body` with 503 until it was read, and ends. */
function failing(body: string, lines: readonly string[] = []) {
  const server = `
import { createServer } from 'node:http';
for (const line of ${JSON.stringify(lines)}) console.log(line);
createServer((_, response) => {
  response.statusCode = 503;
  response.end(${JSON.stringify(body)}, () => setTimeout(() => process.exit(3), 50));
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
  return archiveOf([
    { name: 'holdfast.app.json', body: JSON.stringify(CONTRACT) },
    { name: 'server.mjs', body: server },
  ]);
}

async function install(version: string, body: string, lines: readonly string[] = []) {
  const startedMs = performance.now();
  const output = installOutput.parse(await fleet.install(instanceId, version, await failing(body, lines)));
  return { output, ms: performance.now() - startedMs };
}

/** A program of the machine, for as long as `use` runs. */
async function withProgram<T>(name: string, script: string, use: () => Promise<T>): Promise<T> {
  const path = join(folder, 'bin', name);
  const before = readFileSync(path);
  writeFileSync(path, `#!/bin/bash\n${script}\n`);
  chmodSync(path, 0o755);
  try {
    return await use();
  } finally {
    writeFileSync(path, before);
  }
}

const RESTORED = { result: 'failed', error: 'ServiceDidNotStart', serving: '1.0.0' };

describe('a release that does not start', () => {
  it('answers a page and prints lines on which a search could take half a minute: the explanation takes no time', async () => {
    const headers = Array.from({ length: 10 }, (_, at) => `Error: ${at} ${'x-'.repeat(800)}${'token'.repeat(80)}`);
    const { output, ms } = await install('1.1.0', `<html><h1>No store</h1>${'<a '.repeat(21_000)}`, headers);
    expect(output).toMatchObject({ ...RESTORED, lastAnswer: '503: No store' });
    expect(output).toHaveProperty('journal', expect.arrayContaining([expect.stringContaining('Main process exited')]));
    expect(ms).toBeLessThan(25_000);
  });

  it('is explained when the previous one serves again, by the journal until it failed', async () => {
    const seen = join(folder, 'seen');
    const script = `{ readlink "$HOLDFAST_ROOT/current"; systemctl is-active holdfast-app; echo "$@"; } >"${seen}"\necho "Error: no store"`;
    const { output } = await withProgram('journalctl', script, () => install('1.2.0', 'down'));
    const [current, state, options = ''] = readFileSync(seen, 'utf8').split('\n');
    expect([current, state]).toEqual(['releases/1.0.0', 'active']);
    const [, since, until] = /--since @([0-9.]+) --until @([0-9.]+)$/.exec(options) ?? [];
    expect(Number(until) - Number(since)).toBeGreaterThan(0);
    expect(Number(until)).toBeLessThan(Date.now() / 1000);
    expect(output).toMatchObject({ ...RESTORED, journal: ['Error: no store'], lastAnswer: '503: down' });
  });

  it.runIf(FULL)('prints without end: there is no explanation but its state and its status code', async () => {
    const { output } = await withProgram('journalctl', 'exec yes "Error: no store"', () => install('1.3.0', 'down'));
    expect(output).toMatchObject({ ...RESTORED, service: expect.stringMatching(/^holdfast-app is /) });
    expect(output).toHaveProperty('lastAnswer', expect.stringMatching(/^503/));
  });
});

const script = scriptOf(documentContent('install', 'releases'), 'install').replace(/\nmain\(\)\n$/, '');

/** @returns what it printed as an error, and the versions that starts take from then on */
async function recordedAfter(version: string, used: object, recorded: object, pinned?: object): Promise<unknown[]> {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-recorded-'));
  for (const path of ['etc', 'run', 'releases/1.0.0', 'releases/.incoming']) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'run/versions.json'), JSON.stringify(used));
  if (pinned) writeFileSync(join(root, 'run/recorded.json'), JSON.stringify(pinned));
  const more = `
def systemctl(*_): pass
def becomes_up(*_, **__): return True
def stop_failed(*_): pass
def evidence(*_): return dict()
class Reason(str): attempt = None
start_and_watch = lambda *_: Reason("is failed") if version_of(CURRENT) == "broken" else None
point(CURRENT, "1.0.0")
try:
    replace_release("${version}", os.path.join(RELEASES, ".incoming"), "1.0.0", ${JSON.stringify(recorded)})
except Failure:
    pass
`;
  const { stderr } = await runPython({ script, more, environment: { ...process.env, HOLDFAST_ROOT: root }, limitSeconds: 100 });
  const file = join(root, 'run/recorded.json');
  const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
  rmSync(root, { recursive: true, force: true });
  return [stderr, found];
}

it.each([
  ['are forgotten where the failed release had the same', '2.0.0', { DB: '1' }, { DB: '1' }, undefined],
  ['are those of each start where it had others', '2.0.0', { DB: '2' }, { DB: '1' }, { DB: '1' }],
  ['keep the list that names their sources', '2.0.0', { list: '3', DB: '2' }, { list: '3', DB: '1' }, { list: '3', DB: '1' }],
  [
    'are no reason for an older password because a flag has changed',
    '2.0.0',
    { DB: '1', FLAGS: '2' },
    { DB: '1', FLAGS: '1' },
    { FLAGS: '1' },
  ],
  ['are forgotten where a release that did not start had the same', 'broken', { DB: '1' }, {}, undefined],
])('recorded versions of secrets %s', async (_, version, used, recorded, kept) => {
  expect(await recordedAfter(version, used, recorded)).toEqual(['', kept]);
});

it.each([
  ['a release that could not read its secrets', 'broken', {}],
  ['a rollback that came twice', '2.0.0', { DB: '1', FLAGS: '1' }],
])('recorded versions of a rollback outlive %s', async (_, version, recorded) => {
  const used = { DB: '1', FLAGS: '1' };
  expect(await recordedAfter(version, used, recorded, { FLAGS: '1' })).toEqual(['', { FLAGS: '1' }]);
});

it.each([
  ['200 UP', 'active', true],
  ['503 DOWN', 'active', false],
  ['ConnectionRefusedError', 'active', true],
  ['ConnectionRefusedError', 'failed', false],
])('a release that answers %s and is %s keeps its recorded versions: %s', async (words, state, keeps) => {
  const more = `
def readiness_of(*_): return dict(path="/")
def serving_contract(): return dict(port=9)
def probe_port(*_): return 9
def service_state(*_): return "${state}"
def check_readiness(*_): return ${words === '200 UP' ? 'True' : 'False'}, "${words}", ""
print(json.dumps(becomes_up(0, still_starts=True)))
`;
  const { stdout } = await runPython({ script, more, limitSeconds: 100 });
  expect(JSON.parse(stdout)).toBe(keeps);
});

describe('the install script without memory', () => {
  it.each([
    [
      'watches the start',
      'def service_state(*_): return "active"\ndef http_get(*_): raise MemoryError() if version_of(CURRENT) == "2.0.0" else OSError()',
    ],
    ['reads the state', 'def run_quietly(*_, **__): raise MemoryError()'],
    ['stops the release', 'fails = ("stop", SERVICE)'],
    ['explains the failure', 'def in_own_process(*_): raise MemoryError()'],
  ])('restores the previous release when it %s', async (_when, plant) => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-memory-'));
    for (const path of ['etc', 'releases/1.0.0', 'releases/.incoming']) mkdirSync(join(root, path), { recursive: true });
    for (const path of ['1.0.0', '.incoming'])
      writeFileSync(join(root, 'releases', path, 'holdfast.app.json'), JSON.stringify({ ...CONTRACT, port: 9 }));
    const more = `
import types
ANSWER_SECONDS = 0.3
calls = []
fails = None
def http_get(*_): raise OSError()
def systemctl(*arguments):
    calls.append(arguments)
    # Its first stop is that of the previous release.
    if arguments == fails and calls.count(arguments) == 2: raise MemoryError()
    return types.SimpleNamespace(returncode=0, stdout="active" if version_of(CURRENT) == "1.0.0" else "failed")
${plant}
point(CURRENT, "1.0.0")
try:
    replace_release("2.0.0", os.path.join(RELEASES, ".incoming"), "1.0.0", {})
except Failure as failure:
    print(json.dumps([version_of(CURRENT), failure.error, failure.serving]))
`;
    const { stdout, stderr } = await runPython({ script, more, environment: { ...process.env, HOLDFAST_ROOT: root }, limitSeconds: 100 });
    const kept = existsSync(join(root, 'releases/2.0.0'));
    rmSync(root, { recursive: true, force: true });
    expect(stderr).not.toContain('Traceback');
    expect(JSON.parse(stdout || '[]')).toEqual(['1.0.0', 'ServiceDidNotStart', '1.0.0']);
    expect(kept).toBe(false);
  });
});
