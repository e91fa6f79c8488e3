import { describe, expect, it } from 'vitest';
import type { ErrorCell, ServerPath } from '../../../../functions/incidents/contract/server-facts.ts';
import { suspectsOf } from '../../../../functions/incidents/report/changes-before.ts';
import { shownOf } from '../../../../functions/incidents/trouble/sentences.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { access, application, evidence, FROM_MS, SIGN_MS, server, traces } from '../healthy-evidence.ts';

const MINUTE = 60_000;
const minuteAt = (at: number) => Math.floor(FROM_MS / MINUTE) * MINUTE + at * MINUTE;
/** Since the 50th minute of the hour, half of the 40 requests a minute that each server gets to /login end in 500. */
const BEGINS = 50;
const minutesOf = (errors: number) =>
  Array.from({ length: 68 }, (_, at) => ({
    ...{ minuteMs: minuteAt(at), requests: 100, redirects: 3, clientErrors: 0 },
    serverErrors: at >= BEGINS ? errors : 0,
  }));
const cellsOf = (path: string, count: number): ErrorCell[] =>
  Array.from({ length: 68 - BEGINS }, (_, at) => ({ minuteMs: minuteAt(BEGINS + at), path, status: 500, count }));
const pathOf = (path: string, requests: number): ServerPath => ({
  ...{ path, requests, redirects: 0, clientErrors: 0, serverErrors: 0, lost: 0, statuses: {} },
});
const with500 =
  (cells: readonly ErrorCell[], errors: number, more: object = {}) =>
  (instanceId: string) =>
    server(instanceId, {
      access: access(instanceId, {
        byMinute: minutesOf(errors),
        byPath: [pathOf('/login', 68 * 40), pathOf('/other', 68 * 60)],
        errorsByMinutePath: cells,
        ...more,
      }),
    });
const textOf = (servers: readonly ReturnType<typeof server>[]) => {
  const found = evidence({ servers: { servers } });
  return shownOf(troubleOf(found), found).map(({ text }) => text);
};

describe('errors of servers', () => {
  const sick = with500(cellsOf('/login', 20), 20);
  const well = with500([], 0);

  it('are said with their path, their status, how many fail there, and that all servers have them', () => {
    expect(textOf(['i-1', 'i-2'].map(sick))).toContain(
      '20 % of the requests (720 of 3,600; usually 0 %) end in an error of the servers (5xx), nearly all on /login with 500, where about 50 % fail, on all 2 servers, since 03:02 UTC',
    );
  });

  it('are of one server where the others have none', () => {
    expect(textOf([sick('i-1'), well('i-2')]).join()).toMatch(/10 % of the requests .*, on i-1 alone of 2 servers, since 03:02 UTC/);
  });

  it('are of no path where they are on many, and of none that is not known', () => {
    const many = with500(
      ['/a', '/b', '/c', 'other'].flatMap((path) => cellsOf(path, 5)),
      20,
    );
    expect(textOf(['i-1', 'i-2'].map(many)).join()).toContain('(5xx), nearly all with 500, on 4 paths or more, on all 2 servers');
    const rest = with500(cellsOf('other', 20), 20);
    expect(textOf(['i-1', 'i-2'].map(rest)).join()).toContain('(5xx), nearly all with 500, on all 2 servers');
  });
});

describe('few errors among all requests', () => {
  // One request in 100 is one in two to this page.
  const ofRarePage =
    (count: number, from = BEGINS) =>
    (instanceId: string) => {
      const cells = cellsOf('/login', count).filter(({ minuteMs }) => minuteMs >= minuteAt(from));
      const minutes = minutesOf(count).map((minute) => ({
        ...minute,
        requests: 500,
        serverErrors: minute.minuteMs >= minuteAt(from) ? count : 0,
      }));
      const byPath = [pathOf('/login', 68 * 2), pathOf('/other', 68 * 498)];
      return server(instanceId, { access: access(instanceId, { byMinute: minutes, byPath, errorsByMinutePath: cells }) });
    };

  it('are trouble where they are of one page at one server', () => {
    expect(textOf([ofRarePage(2)('i-1'), ofRarePage(0)('i-2')]).join()).toMatch(
      /0\.2 % of the requests .*, nearly all on \/login with 500, where about 50 % fail, on i-1 alone of 2 servers, since 03:02 UTC/,
    );
  });

  it('are none where ten have not failed', () => {
    expect(textOf([ofRarePage(2, 64)('i-1'), ofRarePage(0)('i-2')])).toEqual([]);
  });
});

it('lines of logs began when there were many of them, and are over when there are none any more', () => {
  const storeConnection = Array.from({ length: 10 }, (_, at) => [minuteAt(40 + at), at === 0 ? 1 : 30] as const);
  const lines = application({ storeConnection: 271, firstMs: { storeConnection: minuteAt(5) }, byMinute: { storeConnection } });
  expect(textOf([server('i-1', { application: lines }), server('i-2')]).join()).toContain(
    "the servers' logs have 271 lines about the store, on i-1 alone of 2 servers, from 02:53 UTC until 03:02 UTC",
  );
});

describe('how many users are concerned', () => {
  const lostSince = (count: number, lastMs: number) => traces('gone', count, { firstMs: FROM_MS, lastMs, lost: true });
  const usersOf = (more: object) =>
    troubleOf(evidence({ servers: { servers: [server('i-1', { access: access('i-1', more) }), server('i-2')] } })).users;

  it('is at least the sessions that were seen to be lost, and at most those that there are where nothing else is wrong', () => {
    const { least, most } = usersOf({ sessions: { ...traces('i-1', 60), ...lostSince(40, SIGN_MS) } });
    expect(least).toBeGreaterThanOrEqual(35);
    expect(least).toBeLessThanOrEqual(40);
    expect(most).toBe(10_000);
  });

  it('is no more than can be persons where each session that is begun anew is lost as well', () => {
    const began = SIGN_MS - 20 * MINUTE;
    // Ten people, each of whom loses a session every two minutes.
    const again = Array.from({ length: 10 }, (_, at) => {
      const firstMs = began + at * 2 * MINUTE;
      return traces(`again-${at}`, 10, { firstMs, lastMs: firstMs + 2 * MINUTE, lost: true, begins: true });
    });
    const first = traces('first', 10, { firstMs: FROM_MS, lastMs: began, lost: true });
    const { least } = usersOf({ sessions: { ...traces('i-1', 60), ...first, ...Object.assign({}, ...again) } });
    expect(least).toBeGreaterThanOrEqual(8);
    expect(least).toBeLessThanOrEqual(10);
  });

  it("counts no session of the canary's", () => {
    const sessions = { ...traces('i-1', 60), ...lostSince(40, SIGN_MS) };
    const servers = { servers: [server('i-1', { access: access('i-1', { sessions }) }), server('i-2')] };
    const { least } = troubleOf(evidence({ servers, canary: { sessions: 20, vanished: 20 } })).users;
    expect(least).toBeLessThanOrEqual(20);
  });

  it('has no upper end where people without a session can be hurt as well', () => {
    const sick = (['i-1', 'i-2'] as const).map(with500(cellsOf('/login', 20), 20));
    expect(troubleOf(evidence({ servers: { servers: sick } })).users).toEqual({ least: 0, most: null });
  });
});

describe('changes around the begin', () => {
  const change = (minutesBefore: number, more: object = {}) => ({
    ...{ atMs: SIGN_MS - minutesBefore * MINUTE, event: 'RevokeSecurityGroupIngress', kind: 'security-group', who: 'role', eventId: 'e-1' },
    ...{ resource: 'sg-1', roleArn: 'arn:aws:sts::111122223333:assumed-role/terraform/jane@example.com', isOwn: true },
    ...more,
  });
  const suspects = (...changes: readonly object[]) =>
    suspectsOf(evidence({ changes: { completeUntilMs: SIGN_MS, changes: changes as never } }), undefined);

  it('are named with who made them and how long before', () => {
    expect(suspects(change(4))).toMatchObject([
      {
        text: 'At 03:08 UTC role terraform changed a security group (RevokeSecurityGroupIngress of sg-1), 4 minutes before it began.',
        ...{ kind: 'security-group', eventIds: ['e-1'] },
      },
    ]);
    expect(suspects(change(4, { who: 'person' }))[0]?.text).toContain('a person (role terraform) changed');
    expect(suspects(change(4, { isOwn: undefined }))[0]?.text).toMatch(/it began\. It can be of another application\.$/);
  });

  it.each([
    ['long before', change(40)],
    ['after it', change(-5)],
    ['of something else', change(4, { kind: 'other' })],
  ])('are none %s', (_, one) => {
    expect(suspects(one)).toEqual([]);
  });
});
