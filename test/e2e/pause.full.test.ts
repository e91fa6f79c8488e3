/** A deploy that stops after its first server, and that an operator continues. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { onlyLine, spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { cloud, groupInstances, publish, recordOf, startDeploy, suspendedProcesses, untilHealthy, versions } from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;

let olga: Person;
let members: string[];
let round = 0;

beforeAll(async () => {
  olga = await makePerson('olga-pause', 'OperatorPolicyArn');
});
afterAll(() => removePerson(olga));
beforeEach(async () => {
  await untilHealthy(3);
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
});
