import { beforeEach, describe, expect, it } from 'vitest';
import { checkSessionLook, checkSessionSlice, sendSessionSlice } from '../../../../functions/deploy/command/session-looks.ts';
import type { Roll, RollReply } from '../../../../functions/deploy/contract/roll.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { beginDeploy, createClock, DEPLOY, ROLL } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';

const PINNED: Roll = { ...ROLL, sessions: { cookie: 'SID', route: 'i-1', count: 4 } };
const AGENT_STOPPED = { state: 'failed', statusDetails: 'Failed', output: '', errorOutput: 'agent was stopped' } as const;

let clock: ReturnType<typeof createClock>;
let runCommand: ReturnType<typeof fakeRunCommand>;
let records: Records;
let ports: Parameters<typeof checkSessionSlice>[0] & Parameters<typeof checkSessionLook>[0];
let lease: Awaited<ReturnType<typeof beginDeploy>>;

beforeEach(async () => {
  clock = createClock();
  runCommand = fakeRunCommand();
  records = memoryRecords();
  lease = await beginDeploy(records);
  const commands = instanceCommands({ runCommand, now: clock.now });
  ports = { records, commands, now: clock.now };
});

/** As the function does, which notes when it sent the command. */
const send = async (roll: Roll): Promise<Roll> => ({
  ...(await sendSessionSlice(ports, { deploy: DEPLOY, lease, roll })).roll,
  commandSentAtMs: clock.nowMs,
});
const check = (roll: Roll): Promise<RollReply> => checkSessionSlice(ports, { deploy: DEPLOY, lease, roll });

describe('a look at the sessions of a server before it is pinned', () => {
  const NAMELESS = { signal: 'sessions', quietSeconds: 0, sessions: 2 };
  const look = (isRollback: boolean) =>
    checkSessionLook(
      ports,
      { deploy: DEPLOY, lease, roll: { ...ROLL, commandId: 'c1' } },
      { fromVersion: '2.0.0', version: '1.0.0', isRollback },
    );

  it('stops a deploy whose server has sessions that no rule can distinguish', async () => {
    runCommand.answer(NAMELESS);
    await expect(look(false)).rejects.toMatchObject({
      name: 'SessionsNotDrainable',
      message: expect.stringContaining('set session.cookie'),
    });
  });

  it('does not stop a rollback, which says that it does not wait for them', async () => {
    runCommand.answer(NAMELESS);
    const { verdict, roll } = await look(true);
    expect([verdict, roll.sessions]).toEqual(['DONE', undefined]);
    expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([
      expect.stringMatching(/^Sessions on i-1 are not waited for: it counts sessions, .* set session\.cookie in holdfast\.app\.json\.$/),
    ]);
  });
});

describe('a slice of the wait for sessions', () => {
  it('counts them', async () => {
    const roll = await send(PINNED);
    expect((await check(roll)).verdict).toBe('WAIT');
    runCommand.answer({ signal: 'sessions', quietSeconds: 0, sessions: 2 });
    expect(await check(roll)).toMatchObject({ verdict: 'DONE', roll: { sessions: { count: 2 } } });
  });

  it('without an answer is given up after 25 s, so that the health of the pinned server is looked at; the count is unknown', async () => {
    const roll = await send(PINNED);
    clock.nowMs += 24_000;
    expect((await check(roll)).verdict).toBe('WAIT');
    clock.nowMs += 1_000;
    const given = await check(roll);
    expect([given.verdict, runCommand.cancelled]).toEqual(['DONE', ['command-1']]);
    expect(given.roll.sessions).toEqual({ cookie: 'SID', route: 'i-1', lastCount: 4, silentSinceMs: clock.nowMs });
  });

  it('that fails loses no deploy, and an answer ends the silence', async () => {
    runCommand.answer(AGENT_STOPPED);
    const lost = await check(await send(PINNED));
    expect(lost).toMatchObject({ verdict: 'DONE', roll: { sessions: { silentSinceMs: clock.nowMs } } });
    runCommand.answer({ signal: 'sessions', quietSeconds: 0, sessions: 2 });
    expect((await check(await send(lost.roll))).roll.sessions).toEqual({ cookie: 'SID', route: 'i-1', count: 2, lastCount: 4 });
  });

  it('fails the roll once there has been no answer for two minutes', async () => {
    runCommand.answer(AGENT_STOPPED);
    const { roll } = await check(await send(PINNED));
    clock.nowMs += 119_000;
    const later = await check(await send(roll));
    clock.nowMs += 1_000;
    await expect(check(await send(later.roll))).rejects.toMatchObject({ name: 'CommandFailed' });
  });

  it('that cannot be sent to a server that was stopped is one without an answer', async () => {
    runCommand.send = async () => {
      throw Object.assign(new Error('Instances not in a valid state'), { name: 'InvalidInstanceId' });
    };
    expect(await check(await send(PINNED))).toMatchObject({ verdict: 'DONE', roll: { sessions: { silentSinceMs: clock.nowMs } } });
  });

  it('fails when another deploy has taken the server over', async () => {
    runCommand.answer({ state: 'failed', statusDetails: 'Failed', output: '', errorOutput: 'StaleFencingToken: 1 < 2' });
    await expect(check(await send(PINNED))).rejects.toMatchObject({ name: 'LeaseLost' });
  });
});
