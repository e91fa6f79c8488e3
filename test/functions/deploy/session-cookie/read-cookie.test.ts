import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { beginCookie, type CookiePorts, readCookie } from '../../../../functions/deploy/session-cookie/read-cookie.ts';
import type { CookieRead } from '../../../../functions/instance/document-contract.ts';
import { CommandFailed } from '../../../../functions/instance/errors.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { ReleaseRecord, TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const COOKIE = { name: 'SID', secure: true, httpOnly: true };
const SESSION = { cookie: 'SID', page: '/page' };
const waiting = (phase: TargetProgress['phase'] = 'waiting'): TargetProgress => ({
  ...{ phase, order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS },
});

let records: Records;
let sent: { readonly instanceId: string; readonly parameters: Record<string, string> }[];
/** What the servers answer, in order. An Error is thrown. */
let answers: (CookieRead | Error | undefined)[];
let ports: CookiePorts;
/** From which servers answers were read, with the commands' ids. */
let asked: (readonly [instanceId: string, commandId: string | undefined])[];
/** The release that a server has by its own account. */
let versions: Record<string, string>;

beforeEach(async () => {
  records = memoryRecords();
  [sent, answers, asked] = [[], [], []];
  versions = { 'i-1': '2.0.0', 'i-2': '1.0.0', 'i-3': '1.0.0' };
  await publish('1.0.0', SESSION);
  await publish('2.0.0', SESSION);
  await beginDeploy(records, DEPLOY, { 'i-1': waiting('checkingReadiness'), 'i-2': waiting(), 'i-3': waiting() });
  ports = {
    records,
    targetGroup: fakeTargetGroup({ 'i-2': 'unhealthy', 'i-3': 'healthy' }),
    now: createClock().now,
    commands: {
      sendObserve: async (instanceId, parameters) => {
        sent.push({ instanceId, parameters: { ...parameters } });
        return `c${sent.length}`;
      },
      readObserve: async ({ instanceId, commandId }) => {
        asked.push([instanceId, commandId]);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer && { upInARow: 0, attempts: 0, lastAnswer: '', version: versions[instanceId] ?? '', cookieRead: answer };
      },
    },
  };
});

async function publish(version: string, session: ReleaseRecord['app']['session']) {
  await records.putRelease({ ...RELEASE, version, app: { ...RELEASE.app, ...(session && { session }) } });
}

const begin = (roll: Roll = ROLL, isRollback = false) =>
  beginCookie(ports, { deploy: DEPLOY, roll }, { fromVersion: '1.0.0', version: '2.0.0', isRollback });

/** Steps until both cookies are read. @returns the roll that goes on */
async function run(isRollback = false): Promise<Roll> {
  let roll = await begin(ROLL, isRollback);
  for (let steps = 0; steps < 12; steps += 1) {
    const reply = await readCookie(ports, { deploy: DEPLOY, roll });
    if (reply.verdict === 'DONE') return reply.roll;
    roll = reply.roll;
  }
  throw new Error('the step has no end');
}
const warnings = async () => (await records.getDeploy('web', 'd1'))?.warnings ?? [];

describe('the session cookies of both releases', () => {
  it('are read on a server of each, the previous one first', async () => {
    answers = [undefined, { cookie: COOKIE }, { cookie: COOKIE }];
    expect(await run()).toEqual({ ...ROLL, commandId: undefined, commandSentAtMs: START_MS });
    expect(sent.map(({ instanceId, parameters: { cookie } }) => [instanceId, cookie])).toEqual([
      ['i-3', 'read'],
      ['i-1', 'read'],
    ]);
    expect(asked, 'each answer is of the server that its command is on').toEqual([
      ['i-3', 'c1'],
      ['i-3', 'c1'],
      ['i-1', 'c2'],
    ]);
    expect(await warnings()).toEqual([]);
  });

  it('are compared: what the new one has lost is a warning', async () => {
    answers = [{ cookie: COOKIE }, { cookie: { ...COOKIE, secure: false } }];
    await run();
    expect(await warnings()).toEqual([expect.stringContaining('has lost Secure')]);
  });

  it('are a warning where the new release’s server does not answer', async () => {
    answers = [{ cookie: COOKIE }, new CommandFailed('the agent is away')];
    await run();
    expect(await warnings()).toEqual([expect.stringMatching(/2\.0\.0 has not shown its session cookie.*the command on its server failed/)]);
  });

  it('are not compared where the previous release’s server does not answer', async () => {
    answers = [new CommandFailed('the agent is away')];
    await run();
    expect([sent.length, await warnings()]).toEqual([1, []]);
  });

  it('sees no command of the other server as one of its own', async () => {
    answers = [{ cookie: COOKIE }];
    const first = await begin({ ...ROLL, commandId: 'of-the-readiness-check' });
    expect([first.commandId, first.cookie?.other?.commandId]).toEqual([undefined, 'c1']);
    const second = await readCookie(ports, { deploy: DEPLOY, roll: first });
    expect([second.roll.commandId, second.roll.cookie?.other]).toEqual(['c2', { instanceId: 'i-3', version: '1.0.0' }]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is in its own roll', () => records.updateTarget('web', DEPLOY.deployId, 'i-3', { executionName: 'i-3-1' })],
    ['has another release', async () => Object.assign(versions, { 'i-3': '2.0.0' })],
  ])('are not compared when the other server %s meanwhile', async (_what, change) => {
    answers = [{ cookie: COOKIE }, { cookie: { ...COOKIE, secure: false } }];
    const roll = await begin();
    await change();
    const reply = await readCookie(ports, { deploy: DEPLOY, roll });
    expect([reply.verdict, sent.length, await warnings()]).toEqual(['DONE', 1, []]);
  });

  it.each([
    ['in a rollback', async () => run(true)],
    [
      'of a release that names no page',
      async () => {
        records = memoryRecords();
        ports = { ...ports, records };
        await publish('2.0.0', undefined);
        await beginDeploy(records, DEPLOY, { 'i-1': waiting('checkingReadiness'), 'i-3': waiting() });
        return run();
      },
    ],
  ])('are not asked for %s', async (_what, given) => {
    await given();
    expect([sent, await warnings()]).toEqual([[], []]);
  });
});
