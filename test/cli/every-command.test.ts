/** What holds for every command, whatever it is about: one document for scripts, plain text in a pipe, and nothing lost at any width. */
import { beforeEach, describe, expect, it } from 'vitest';
import { recordKeys } from '../../functions/records/keys.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from './announced-cloud.ts';
import { deployRecord } from './deploys/deploy-record.ts';
import { keepDeploy, keepReleases } from './fake-cloud.ts';
import { onlyLine, PLACE, runCli } from './run-cli.ts';
import { READING } from './store/readings.ts';

const WARNING = 'Release 1.1.0 sets its cookie without Secure, so that users are logged out. 接続 é';

/** Commands that end by themselves, with something to print. */
const READS = [
  ...['status', 'releases', 'deploys', 'deploys show d1', 'deploys follow d1', 'store', 'sweeps', 'incidents', 'version'],
  ...['deploy 1.1.0', 'restart i-0abc', 'deploys abort --mine'],
];
const NO_CLOUD = ['advise --servers 4 --cloud --ha --zero-downtime', 'config validate examples/first-day/holdfast.config.json'];
/** What takes an id or a name, with one that does not exist. */
const WRONG = [
  ...[
    'deploys show nope',
    'deploys follow nope',
    'deploys abort nope',
    'deploys continue nope',
    'deploys end-drain nope',
    'deploys resume nope',
  ],
  ...['deploy 9.9.9', 'restart i-123', 'sweeps show nope', 'incidents show inc-00000000abcd', 'incidents approve inc-00000000abcd'],
  ...['incidents deny inc-00000000abcd', 'incidents release inc-00000000abcd', 'incidents run nope', 'config validate nope.json'],
];
const REGIONS = ['status', 'releases', 'deploys', 'store', 'sweeps', 'incidents', 'version', 'deploy 1.1.0', 'rollback', 'restart i-0abc']
  .concat(['refresh', 'sweep', 'deploys abort', 'doctor', 'cost', 'incidents run logged-out', 'releases publish 1.1.0 .'])
  .map((command) => `${command} --region europe`);

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});
beforeEach(() => {
  const target = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, startedAtMs: 1, finishedAtMs: 2 };
  keepDeploy(cloud, {
    ...deployRecord({ status: 'SUCCEEDED', warnings: [WARNING], targets: { 'i-0abc': target } }),
    startedAtMs: 1,
    finishedAtMs: 9,
  } as never);
  keepReleases(cloud, ['1.0.0', '1.1.0']);
  const put = ({ pk, sk }: { pk: string; sk: string }, item: object) => cloud.items.set(`${pk}|${sk}`, { pk, sk, ...item });
  put(recordKeys.fleet('web'), { fleet: 'web', currentVersion: '1.1.0', deployId: 'd1', sha256: 'a', updatedAtMs: 1, fencingToken: 1 });
  put(recordKeys.instance('web', 'i-0abc'), { instanceId: 'i-0abc', version: '1.1.0', installedAtMs: 1 });
  put(recordKeys.storeReading(), { reading: READING, counters: {}, primaries: [], window: [], watchedSinceMs: 1 });
});

/** Runs as in a terminal of that width, or in a pipe. */
async function run(command: string, columns?: number): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { stdout } = process;
  const was = { isTTY: stdout.isTTY, columns: stdout.columns, rows: stdout.rows };
  if (columns !== undefined) Object.assign(stdout, { isTTY: true, columns, rows: 50 });
  try {
    return await runCli(state.folder, command.split(' '), { NO_COLOR: '1' });
  } finally {
    Object.assign(stdout, was);
  }
}

/** The escapes by which a terminal's block is redrawn. */
const REDRAWS = new RegExp(`${String.fromCharCode(27)}\\[\\d*[AJK]`, 'g');
/** Times of now, which differ from one run to the next. */
const withoutTimes = (text: string) => text.replaceAll(/\b\d+(\.\d+)?\s*(s|min|h|days|d|m)\b/g, 'T');
const lettersOf = (text: string) => withoutTimes(text.replaceAll(REDRAWS, '')).replaceAll(/\s/g, '');

describe.each([...READS, ...NO_CLOUD])('%s', (command) => {
  it('has exactly one document with --json, with its place', async () => {
    const { code, stdout } = await run(`${command} --json`);
    expect(code).toBe(0);
    expect(onlyLine(stdout)).toMatchObject(READS.includes(command) ? PLACE : {});
  });

  it('has no escapes in a pipe, and loses nothing at 40, 80 and 200 columns', async () => {
    const { code, stdout, stderr } = await run(command);
    expect(code).toBe(0);
    const controls = [...`${stdout}${stderr}`].filter((letter) => letter < ' ' && letter !== '\n');
    expect([controls, stdout.length > 0]).toEqual([[], true]);
    for (const columns of [40, 80, 200]) expect(lettersOf((await run(command, columns)).stdout)).toBe(lettersOf(stdout));
  });
});

describe.each([...WRONG, ...REGIONS])('%s', (command) => {
  it('is invalid input, says so in one document, starts nothing, and leaves no trace', async () => {
    const { code, stdout, stderr } = await run(`${command} --json`);
    expect(code).toBe(2);
    expect(onlyLine(stdout)).toEqual({ error: { code: expect.stringMatching(/^[A-Z]\w+$/), message: expect.stringMatching(/^[^\n]+$/) } });
    expect(`${stdout}${stderr}`).not.toMatch(/\n {4}at |node:internal|undefined/);
    expect([cloud.started, cloud.stopped]).toEqual([[], []]);
  });
});
