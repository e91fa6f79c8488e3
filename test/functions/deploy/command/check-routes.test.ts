import { beforeEach, describe, expect, it } from 'vitest';
import { checkRoutes } from '../../../../functions/deploy/command/check-routes.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease, TargetProgress } from '../../../../functions/records/types.ts';
import type { CommandState } from '../../../../functions/shared/aws/commands.ts';
import { POLL_ONCE, type Polling } from '../../../../functions/shared/poll.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';

const WAITING: TargetProgress = { phase: 'waiting', order: 0, fromVersion: '1.0.0', healthBefore: 'healthy', phaseStartedAtMs: START_MS };
const answered = (route: string): CommandState => ({
  state: 'succeeded',
  statusDetails: 'Success',
  output: JSON.stringify({
    signal: 'sessions',
    quietSeconds: 0,
    sessions: 3,
    sessionCookie: 'SID',
    sessionRoute: route,
    sessionTimeoutSeconds: 1_800,
  }),
  errorOutput: '',
});

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
/** Servers whose agents do not answer. */
let silent: Set<string>;
/** Servers of which Systems Manager itself does not answer until the time is up. */
let hanging: Set<string>;
let busiest: number;
/** A server of which Systems Manager takes no command. */
let refused: string | undefined;
/** Calls of Systems Manager so far. */
let calls: number;
let cancelled: string[];
let polling: Polling;

beforeEach(() => {
  records = memoryRecords();
  clock = createClock();
  [silent, hanging] = [new Set(), new Set()];
  [busiest, calls, refused, cancelled] = [0, 0, undefined, []];
  polling = POLL_ONCE;
});

const begin = async (count: number) => {
  const ids = Array.from({ length: count }, (_, index) => `i-${index}a`);
  lease = await beginDeploy(records, DEPLOY, Object.fromEntries(ids.map((id) => [id, WAITING])));
};

const check = (more: Partial<DeployContext> = {}) => {
  const open = new Set<string>();
  const runCommand = {
    ...fakeRunCommand(),
    async send({ instanceId }: { readonly instanceId: string }) {
      calls += 1;
      if (instanceId === refused) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      if (hanging.has(instanceId)) clock.nowMs += 45_000;
      open.add(instanceId);
      busiest = Math.max(busiest, open.size);
      return `command-${instanceId}`;
    },
    async describe(_: string, instanceId: string): Promise<CommandState> {
      calls += 1;
      clock.nowMs += 100;
      if (hanging.has(instanceId)) return new Promise(() => {});
      if (silent.has(instanceId)) return { state: 'running' };
      open.delete(instanceId);
      return answered(instanceId);
    },
    async cancel(commandId: string) {
      cancelled.push(commandId);
    },
  };
  const commands = instanceCommands({ runCommand, now: clock.now, polling });
  const ports = { records, commands, now: clock.now };
  return checkRoutes(ports, { step: 'checkRoutes', deploy: { ...DEPLOY, ...more }, lease });
};
const warnings = async () => (await records.getDeploy('web', 'd1'))?.warnings ?? [];

describe('the check of the servers’ routes', () => {
  it('refuses a release whose sessions a rollback could not distinguish', async () => {
    await begin(2);
    await records.putRelease({ ...RELEASE, app: { ...RELEASE.app, sessions: { path: '/status', field: 'sessions' } } });
    await expect(check()).rejects.toMatchObject({
      name: 'SessionsNotDrainable',
      message: expect.stringMatching(/release 2\.0\.0 counts sessions, .*set session\.cookie in holdfast\.app\.json/),
    });
  });

  it('asks ten servers at once, and each of a large fleet', async () => {
    await begin(35);
    expect(await check()).toEqual({ verdict: 'DONE' });
    expect(await warnings()).toEqual([expect.stringContaining('35 servers')]);
    expect(busiest).toBeLessThanOrEqual(10);
  });

  it('ends in time where there are more servers than can be asked, and says how many were', async () => {
    await begin(500);
    const refused = expect.stringMatching(
      /^4[45]\d of 500 servers were asked for their sessions within 45 s, and (i-\d+a, ){4}i-\d+a and \d\d more were not: /,
    );
    await expect(check()).rejects.toMatchObject({ name: 'SessionsNotDrainable', message: refused });
    expect(await check({ recover: true })).toEqual({ verdict: 'DONE' });
    expect((await warnings())[0]).toEqual(refused);
  });

  it('does not wait for a call that is under way when the time is up', async () => {
    await begin(1);
    hanging.add('i-0a');
    await expect(check()).rejects.toMatchObject({ message: expect.stringMatching(/^0 of 1 servers .* and i-0a was not: /) });
  });

  it('leaves nothing under way when it fails: that would go on in the next call of its function', async () => {
    await begin(35);
    refused = 'i-3a';
    silent = new Set(['i-0a', 'i-1a']);
    polling = { pausesMs: [1, 1], pause: () => new Promise((resolve) => setTimeout(resolve)) };
    await expect(check()).rejects.toMatchObject({ name: 'ThrottlingException' });
    const atItsEnd = calls;
    expect(atItsEnd).toBeLessThan(35);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
    expect(calls).toBe(atItsEnd);
  });

  it('polls the less often the more servers it asks', async () => {
    await begin(3);
    silent.add('i-1a');
    const pauses: number[] = [];
    polling = { pausesMs: [250, 250], pause: async (ms) => void pauses.push(ms) };
    await check({ recover: true });
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3 * 250 * 0.8);
  });

  it('refuses a deploy of servers that do not answer, and warns of them where the deploy recovers the fleet', async () => {
    await begin(3);
    silent.add('i-1a');
    await expect(check()).rejects.toMatchObject({ message: expect.stringMatching(/i-1a did not report its sessions within 20 s/) });
    // Else it would run once the agent answers again, when the deploy has long been refused.
    expect(cancelled).toEqual(['command-i-1a']);
    await expect(check({ recover: true, keepsSessions: true })).rejects.toMatchObject({ name: 'SessionsNotDrainable' });
    expect(await check({ recover: true })).toEqual({ verdict: 'DONE' });
    expect(await warnings()).toEqual([
      expect.stringMatching(/^i-1a did not report its sessions/),
      expect.stringContaining('waits for the sessions of 2 servers'),
    ]);
  });

  it('accepts one that names their cookie, and says how long the deploy can take', async () => {
    await begin(2);
    const app = { ...RELEASE.app, sessions: { path: '/status', field: 'sessions' }, session: { cookie: 'SID' } };
    await records.putRelease({ ...RELEASE, app });
    expect(await check()).toEqual({ verdict: 'DONE' });
    expect(await warnings()).toEqual([expect.stringContaining('waits for the sessions of 2 servers')]);
  });
});
