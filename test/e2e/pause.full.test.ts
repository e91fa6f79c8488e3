/** Deploys that stop after their first server: one that an operator continues, one that is rejected, one whose time runs out, and one that is refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { onlyLine, spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { withSettings } from './deploy-under-fault.ts';
import {
  cloud,
  currentVersion,
  groupInstances,
  publish,
  recordOf,
  startDeploy,
  suspendedProcesses,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;

let olga: Person;
let current: string;
let members: string[];
let round = 0;

beforeAll(async () => {
  olga = await makePerson('olga-pause', 'OperatorPolicyArn');
});
afterAll(() => removePerson(olga));
beforeEach(async () => {
  await untilHealthy(3);
  current = await currentVersion();
  members = (await groupInstances()).map(({ id }) => id).sort();
  round += 1;
  await publish(`8.7.${round}`);
});

const asOperator = (...args: string[]) => spawnCli(STATE_FOLDER, args, olga.env);
const allHave = (version: string) => Object.fromEntries(members.map((id) => [id, version]));
const untilPaused = (executionArn: string) =>
  until(async () => {
    const record = await recordOf(executionArn);
    return record?.pause ? record : undefined;
  }, 'the deploy waits to be continued');

describe('a deploy that stops after its first server', () => {
  it('says what it waits for, begins nothing until an operator continues it, and then goes on', { timeout: 300_000 }, async () => {
    const version = `8.7.${round}`;
    const executionArn = await startDeploy({ version, pauseAfter: 1 });
    const lines: string[] = [];
    const ended = followDeploy(await cloud(), executionArn, (line) => lines.push(line));
    const { deployId } = await untilPaused(executionArn);
    expect(Object.values(await versions()).filter((one) => one === version)).toHaveLength(1);
    expect((await (await cloud()).records.getLock('web'))?.deployId).toBe(deployId);
    expect(await suspendedProcesses()).toContain('Terminate');
    expect((await asOperator('status')).stdout).toContain(`continue it with: ./holdfast deploys continue ${deployId}`);
    expect((await asOperator('deploy', version)).code, 'the lock is held').toBe(7);

    const { code, stdout } = await asOperator('deploys', 'continue', deployId, '--json');
    expect([code, onlyLine(stdout)]).toMatchObject([
      0,
      { deploy: { deployId, to: version, outcome: 'continued', done: 1, servers: 3, requestedBy: expect.stringMatching(/olga-pause$/) } },
    ]);
    expect(await asOperator('deploys', 'continue', deployId)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already continued'),
    });
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(lines.join('\n')).toMatch(/waits to be continued: 1 of 3 servers has the release.*continued by /s);
    expect(await versions()).toEqual(allHave(version));
    const record = await recordOf(executionArn);
    const others = Object.values(record?.targets ?? {}).filter(
      ({ startedAtMs = 0 }) => startedAtMs > (record?.pause?.continued?.atMs ?? 0),
    );
    expect(others, 'the others began afterwards').toHaveLength(2);
  });

  it('goes back when an operator rejects it', { timeout: 300_000 }, async () => {
    const executionArn = await startDeploy({ version: `8.7.${round}`, pauseAfter: 1 });
    const { deployId } = await untilPaused(executionArn);
    const { code, stdout, stderr } = await asOperator('deploys', 'abort', deployId);
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(await recordOf(executionArn)).toMatchObject({ status: 'ABORTED', rolledBack: true });
    expect(await versions()).toEqual(allHave(current));
    expect(await asOperator('deploys', 'continue', deployId)).toMatchObject({ code: 2 });
  });

  it('goes back once its time is up and nobody has continued it', { timeout: 300_000 }, async () => {
    // The shortest time that the configuration takes.
    const executionArn = await withSettings({ pauseMinutes: 1 }, () => startDeploy({ version: `8.7.${round}`, pauseAfter: 1 }));
    const { deployId } = await untilPaused(executionArn);
    expect(await untilEnded(executionArn)).toMatchObject({ status: 'FAILED', error: 'PauseTimedOut' });
    const record = await recordOf(executionArn);
    expect(record).toMatchObject({
      rolledBack: true,
      pause: { after: 1 },
      error: { Error: 'PauseTimedOut', Cause: expect.stringContaining('within 1 minute after 1 of 3 servers had release') },
    });
    const waitedMs = (record?.cleanUp?.startedAtMs ?? 0) - (record?.pause?.startedAtMs ?? 0);
    expect([waitedMs >= 60_000, waitedMs < 120_000], `it waited ${waitedMs} ms`).toEqual([true, true]);
    const begun = Object.values(record?.targets ?? {}).filter(({ executionName }) => executionName !== undefined);
    expect(begun.map(({ phase }) => phase)).toEqual(['rolledBack']);
    expect([await versions(), await currentVersion()]).toEqual([allHave(current), current]);
    expect(await suspendedProcesses()).toEqual([]);
    expect((await (await cloud()).records.getLock('web'))?.deployId).toBeUndefined();
    expect(await asOperator('deploys', 'continue', deployId)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has already ended'),
    });
  });

  it('is refused before it changes anything where no server would be next', async () => {
    const executionArn = await startDeploy({ version: `8.7.${round}`, pauseAfter: 3 });
    const { status, error } = await untilEnded(executionArn);
    expect([status, error]).toEqual(['FAILED', 'InvalidInput']);
    expect((await recordOf(executionArn))?.error?.Cause).toContain('--pause-after 3 leaves no next server: 3 servers get the release');
    expect(await versions()).toEqual(allHave(current));
  });
});
