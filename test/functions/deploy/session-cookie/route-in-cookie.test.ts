/** A release whose session cookies do not name their server is stopped before users meet it, where deploys keep sessions on their server. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { judgeRoute, routeQuestion } from '../../../../functions/deploy/session-cookie/judge-cookie.ts';
import { beginCookie, type CookiePorts, readCookie } from '../../../../functions/deploy/session-cookie/read-cookie.ts';
import type { CookieRead } from '../../../../functions/instance/document-contract.ts';
import { CommandFailed } from '../../../../functions/instance/errors.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { ReleaseRecord, TargetProgress } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const COOKIE = { name: 'SID', secure: true, httpOnly: true };
const PAGES = { cookie: 'SID', page: '/page', end: '/end' };
const SESSIONS = { path: '/status', field: 'sessions' };
const waiting = (phase: TargetProgress['phase'] = 'waiting'): TargetProgress => ({
  ...{ phase, order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS },
});

let records: Records;
let asked: string[];
let answer: CookieRead | Error;
let ports: CookiePorts;

async function beginWith(phaseOfOther: TargetProgress['phase'], session: ReleaseRecord['app']['session']): Promise<void> {
  records = memoryRecords();
  asked = [];
  await records.putRelease({ ...RELEASE, version: '2.0.0', app: { ...RELEASE.app, sessions: SESSIONS, ...(session && { session }) } });
  await beginDeploy(records, DEPLOY, { 'i-1': waiting('checkingReadiness'), 'i-2': waiting(phaseOfOther) });
  ports = {
    records,
    drainsSessions: true,
    targetGroup: fakeTargetGroup({ 'i-2': 'healthy' }),
    now: createClock().now,
    commands: {
      sendObserve: async (instanceId, { cookie }) => {
        asked.push(`${instanceId} ${cookie}`);
        return 'c1';
      },
      readObserve: async () => {
        if (answer instanceof Error) throw answer;
        return { upInARow: 0, attempts: 0, lastAnswer: '', version: '2.0.0', cookieRead: answer };
      },
    },
  };
}
beforeEach(() => beginWith('waiting', PAGES));

async function run(deploy = DEPLOY): Promise<Roll> {
  const roll = await beginCookie(ports, { deploy, roll: ROLL }, { fromVersion: '1.0.0', version: '2.0.0', isRollback: false });
  const reply = await readCookie(ports, { deploy, roll });
  expect(reply.verdict).toBe('DONE');
  return reply.roll;
}
const warnings = async () => (await records.getDeploy('web', 'd1'))?.warnings ?? [];

describe('the first server with a release that keeps sessions in memory', () => {
  it('is asked by itself, and goes on with a route in its cookie', async () => {
    answer = { cookie: COOKIE, routed: true };
    expect((await run()).cookie).toBeUndefined();
    expect(asked).toEqual(['i-1 read']);
    expect(await warnings()).toEqual([]);
  });

  it('refuses a cookie without the route, saying what to do', async () => {
    answer = { cookie: COOKIE, routed: false };
    await expect(run()).rejects.toMatchObject({
      name: 'SessionsIncompatible',
      message: expect.stringMatching(/cookie SID of release 2\.0\.0 .* end each session id with a dot and the route/),
    });
  });

  it('goes on with a warning when the operator ends sessions', async () => {
    answer = { cookie: COOKIE, routed: false };
    await run({ ...DEPLOY, recover: true });
    expect(await warnings()).toEqual([expect.stringContaining('log its users out')]);
  });

  it.each<[string, CookieRead | Error, RegExp]>([
    ['a page without a cookie', { reason: '/page answers with status 200 and no cookie SID' }, /no cookie SID/],
    ['a command that failed', new CommandFailed('the command failed'), /the command on its server failed/],
  ])('says that it is unchecked after %s', async (_what, given, why) => {
    answer = given;
    await run();
    expect(await warnings()).toEqual([expect.stringMatching(why)]);
  });

  it.each([{ cookie: 'SID' }, { cookie: 'SID', page: '/page' }])(
    'says so with %j, and asks nothing that would leave a session',
    async (session) => {
      await beginWith('waiting', session);
      await run();
      expect(asked).toEqual([]);
      expect(await warnings()).toEqual([expect.stringMatching(/session\.page.*session\.end/)]);
    },
  );

  it('is the only one that is asked, and none is where no deploy waits for sessions', async () => {
    answer = { cookie: COOKIE, routed: false };
    await beginWith('done', PAGES);
    await run();
    await beginWith('waiting', PAGES);
    ports = { ...ports, drainsSessions: false };
    await run();
    expect(asked).toEqual([]);
    expect(await warnings()).toEqual([]);
  });
});

it('a server that reports its own cookie and route needs no page', () => {
  const count = { path: '/status', field: 'n' };
  expect(routeQuestion({ sessions: count, session: { cookie: 'JSESSIONID', answeredCookie: count } })).toBe('stated');
  expect(routeQuestion({ session: PAGES })).toBeUndefined();
});

it('an earlier document shows nothing', () => {
  expect(judgeRoute('2.0.0', { cookie: COOKIE })).toMatchObject({ verdict: 'unchecked' });
});
