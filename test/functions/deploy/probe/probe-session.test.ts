import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { beginProbe, type ProbePorts, probeSession } from '../../../../functions/deploy/probe/probe-session.ts';
import type { SessionProbed } from '../../../../functions/instance/document-contract.ts';
import { CommandFailed } from '../../../../functions/instance/errors.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { ReleaseRecord, TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const SECRET = 'arn:secret';
const COOKIE = { name: 'SID', secure: true, httpOnly: true };
const SESSION = { cookie: 'SID', page: '/page', probe: { write: '/w', read: '/r' } };
const waiting = (phase: TargetProgress['phase'] = 'waiting'): TargetProgress => ({
  ...{ phase, order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS },
});

let records: Records;
let sent: { readonly instanceId: string; readonly parameters: Record<string, string> }[];
/** What the servers answer, in order. An Error is thrown. */
let answers: (SessionProbed | Error | undefined)[];
let ports: ProbePorts;
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
    probeSecret: SECRET,
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
        return answer && { upInARow: 0, attempts: 0, lastAnswer: '', version: versions[instanceId] ?? '', probe: answer };
      },
    },
  };
});

async function publish(version: string, session: ReleaseRecord['app']['session'], more: Partial<ReleaseRecord['app']> = {}) {
  await records.putRelease({ ...RELEASE, version, app: { ...RELEASE.app, ...(session && { session }), ...more } });
}

const begin = (roll: Roll = ROLL, isRollback = false) =>
  beginProbe(ports, { deploy: DEPLOY, roll }, { fromVersion: '1.0.0', version: '2.0.0', isRollback });

/** Steps until the probe is over. @returns the roll that goes on */
async function run(isRollback = false): Promise<Roll> {
  let roll = await begin(ROLL, isRollback);
  for (let steps = 0; steps < 12; steps += 1) {
    const reply = await probeSession(ports, { deploy: DEPLOY, roll });
    if (reply.verdict === 'DONE') return reply.roll;
    roll = reply.roll;
  }
  throw new Error('the probe has no end');
}
const warnings = async () => (await records.getDeploy('web', 'd1'))?.warnings ?? [];

describe('the session probe of a roll', () => {
  it('has each release read what the other one wrote, on its own server', async () => {
    answers = [undefined, { cookie: COOKIE, sealed: 'old' }, { cookie: COOKIE, sealed: 'new' }, { read: 'same' }, { read: 'same' }];
    expect(await run()).toEqual({ ...ROLL, commandId: undefined, commandSentAtMs: START_MS });
    expect(sent.map(({ instanceId, parameters: { probe, sealed, probeSecret } }) => [instanceId, probe, sealed, probeSecret])).toEqual([
      ['i-3', 'write', undefined, SECRET],
      ['i-1', 'write', undefined, SECRET],
      ['i-1', 'read', 'old', SECRET],
      ['i-3', 'read', 'new', SECRET],
    ]);
    expect(asked, 'each answer is of the server that its command is on').toEqual([
      ['i-3', 'c1'],
      ['i-3', 'c1'],
      ['i-1', 'c2'],
      ['i-1', 'c3'],
      ['i-3', 'c4'],
    ]);
    expect(await warnings()).toEqual([]);
  });

  it.each<[string, SessionProbed[], RegExp]>([
    ['the new one does not read the previous one’s', [{ read: 'different', status: 500 }], /2\.0\.0 does not read .* 1\.0\.0 wrote/],
    ['the previous one does not read the new one’s', [{ read: 'same' }, { read: 'different' }], /1\.0\.0 does not read .* 2\.0\.0 wrote/],
  ])('refuses the release when %s', async (_what, reads, message) => {
    answers = [{ cookie: COOKIE, sealed: 'old' }, { cookie: COOKIE, sealed: 'new' }, ...reads];
    await expect(run()).rejects.toMatchObject({ name: 'SessionsIncompatible', message: expect.stringMatching(message) });
  });

  it('warns of what the new cookie has lost, and goes on', async () => {
    answers = [
      { cookie: COOKIE, sealed: 'old' },
      { cookie: { ...COOKIE, httpOnly: false }, sealed: 'new' },
      { read: 'same' },
      { read: 'same' },
    ];
    await run();
    expect(await warnings()).toEqual([expect.stringContaining('has lost HttpOnly')]);
  });

  it('compares cookies without a secret, and does not say again that the sessions are unchecked: the previous release had a probe too', async () => {
    ports = { ...ports, probeSecret: undefined };
    answers = [{ cookie: COOKIE }, { cookie: { ...COOKIE, secure: false } }];
    await run();
    expect(sent.map(({ parameters }) => [parameters['probe'], parameters['probeSecret']])).toEqual([
      ['write', undefined],
      ['write', undefined],
    ]);
    expect(await warnings()).toEqual([expect.stringContaining('lost Secure')]);
  });

  it('is unchecked when the previous release’s server does not answer', async () => {
    answers = [new CommandFailed('the agent is away')];
    await run();
    expect(await warnings()).toEqual([expect.stringMatching(/is unchecked: release 1\.0\.0: the command on its server failed/)]);
  });

  it.each<[string, (SessionProbed | Error)[]]>([
    ['a silent agent', [new CommandFailed('the agent is away')]],
    ['a secret that cannot be read', [{ reason: 'the secret of the session probe cannot be read' }]],
  ])('%s on the new server is no fault of the release', async (_what, of) => {
    answers = [{ cookie: COOKIE, sealed: 'old' }, ...of];
    await run();
    expect(await warnings()).toEqual([expect.stringMatching(/is unchecked: release 2\.0\.0: /)]);
  });

  it('sees no command of the other server as one of its own', async () => {
    answers = [{ cookie: COOKIE, sealed: 'old' }];
    const first = await begin({ ...ROLL, commandId: 'of-the-readiness-check' });
    expect([first.commandId, first.probe?.otherCommandId]).toEqual([undefined, 'c1']);
    const second = await probeSession(ports, { deploy: DEPLOY, roll: first });
    expect([second.roll.commandId, second.roll.probe?.otherCommandId]).toEqual(['c2', undefined]);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'is in its own roll',
      () => records.updateTarget('web', DEPLOY.deployId, 'i-3', { executionName: 'i-3-1' }),
      /server i-3 no longer waits with release 1\.0\.0/,
    ],
    ['has another release', async () => Object.assign(versions, { 'i-3': '2.0.0' }), /its server has release 2\.0\.0 meanwhile/],
  ])('is unchecked when its partner %s meanwhile', async (_what, change, why) => {
    answers = [{ cookie: COOKIE, sealed: 'old' }, { cookie: COOKIE, sealed: 'new' }, { read: 'same' }, { read: 'different' }];
    let roll = await begin();
    for (let steps = 0; steps < 3; steps += 1) roll = (await probeSession(ports, { deploy: DEPLOY, roll })).roll;
    expect(roll.probe?.stage).toBe('previousReads');
    await change();
    const reply = await probeSession(ports, { deploy: DEPLOY, roll });
    expect(reply.verdict).toBe('DONE');
    expect(await warnings()).toEqual([expect.stringMatching(why)]);
  });

  it.each([
    ['in a rollback', async () => run(true)],
    [
      'of a release that declares neither probe nor page',
      async () => {
        records = memoryRecords();
        ports = { ...ports, records };
        await publish('2.0.0', undefined);
        await beginDeploy(records, DEPLOY, { 'i-1': waiting('checkingReadiness'), 'i-3': waiting() });
        return run();
      },
    ],
  ])('sends nothing %s', async (_what, given) => {
    await given();
    expect([sent, await warnings()]).toEqual([[], []]);
  });
});
