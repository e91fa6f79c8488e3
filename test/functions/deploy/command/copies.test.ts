import { beforeEach, describe, expect, it } from 'vitest';
import { awaitCopies } from '../../../../functions/deploy/command/copies.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import type { WaitIdleOutput } from '../../../../functions/instance/document-contract.ts';
import type { ReleaseRecord, TargetProgress } from '../../../../functions/records/types.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const RELEASES = { fromVersion: '1.0.0', version: '1.1.0', isRollback: false };
const TARGET = { healthBefore: 'healthy', fromVersion: '1.0.0' } as TargetProgress;
const ROLL: Roll = { instanceId: 'mi-1', phaseStartedAtMs: 0, quietSeconds: 0 };
const COPIES = { sessionsAlone: { path: '/status?copies', field: 'sessionsAlone' } };

let nowMs: number;
let answer: Partial<WaitIdleOutput> | undefined;
let app: object;
let sent: object[];
beforeEach(() => {
  nowMs = 1_000_000;
  answer = undefined;
  app = { copies: COPIES };
  sent = [];
});

const ask = (roll: Roll, more: { deploy?: Partial<DeployContext>; releases?: Partial<typeof RELEASES>; target?: TargetProgress } = {}) =>
  awaitCopies(
    {
      records: { ...memoryRecords(), getRelease: async () => ({ app }) as ReleaseRecord },
      commands: {
        sendWaitIdle: async (_, parameters) => `c-${sent.push(parameters)}`,
        readWaitIdle: async () => answer as WaitIdleOutput | undefined,
      },
      now: () => nowMs,
    },
    { deploy: { fleet: 'web', ...more.deploy } as DeployContext, lease: { fencingToken: 7 } as never, roll },
    { ...RELEASES, ...more.releases },
    more.target ?? TARGET,
  );

describe('before a server of a cluster leaves its users', () => {
  it('goes on when another server holds each of its sessions', async () => {
    const { verdict, roll } = await ask(ROLL);
    expect([verdict, roll.commandId, roll.copiesSinceMs]).toEqual(['WAIT', 'c-1', 1_000_000]);
    expect(sent).toEqual([expect.objectContaining({ watch: 'copies', fencingToken: '7' })]);
    expect(await ask(roll)).toMatchObject({ verdict: 'WAIT' });
    answer = { sessionsAlone: 0 };
    const done = await ask(roll);
    expect(done.verdict).toBe('DONE');
    expect(done.roll.copiesSinceMs).toBeUndefined();
  });

  it.each([
    [
      'sessions that are alone',
      { sessionsAlone: 3, reason: '10.0.0.2:4000 is not reached' },
      /mi-1 has 3 sessions .* 10\.0\.0\.2:4000 is not reached; nothing was changed/,
    ],
    [
      'a status page that does not answer',
      { reason: '/status returns status 503' },
      /mi-1 does not say which .*: \/status returns status 503/,
    ],
  ])('asks again for a minute, and then stops the deploy, with %s', async (_what, seen, message) => {
    answer = seen;
    let { roll } = await ask(ROLL);
    nowMs += 59_000;
    ({ roll } = await ask(roll));
    expect(roll.commandId).toBe('c-2');
    nowMs += 1_000;
    await expect(ask(roll)).rejects.toMatchObject({ name: 'SessionsAlone', message: expect.stringMatching(message) });
  });

  it.each([
    ['a rollback', { releases: { isRollback: true } }],
    ['a deploy that recovers the fleet', { deploy: { recover: true } }],
    ['a server that serves nobody', { target: { ...TARGET, healthBefore: 'unused' } }],
  ])('asks nothing in %s', async (_what, more) => {
    expect(await ask(ROLL, more)).toEqual({ verdict: 'DONE', roll: ROLL });
    expect(sent).toEqual([]);
  });

  it('asks in a deploy that recovers the fleet without having been asked to end sessions', async () => {
    expect((await ask(ROLL, { deploy: { recover: true, keepsSessions: true } })).verdict).toBe('WAIT');
  });

  it('asks nothing of a release that has no copies', async () => {
    app = {};
    expect(await ask(ROLL)).toEqual({ verdict: 'DONE', roll: ROLL });
  });
});
