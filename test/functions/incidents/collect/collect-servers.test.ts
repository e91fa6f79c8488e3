/** The servers of a fleet, asked by the documents read-logs and access-log, with a fake Run Command. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createServersCollector } from '../../../../functions/incidents/collect/collect-servers.ts';
import type { ReadLogsOutput } from '../../../../functions/incidents/contract/read-logs.ts';
import type { AppContract } from '../../../../functions/shared/app-contract.ts';
import type { CommandState } from '../../../../functions/shared/aws/commands.ts';

const FROM_MS = 1_800_000_000_000;
const REQUEST = {
  incidentId: 'inc-1',
  runbook: 'logged-out',
  fleets: ['web'],
  fromMs: FROM_MS,
  toMs: FROM_MS + 3_600_000,
  firstSignMs: FROM_MS,
  hashKey: 'ab'.repeat(32),
} as const;

const access = (sessions: string[], allSessions = true): NonNullable<ReadLogsOutput['access']> => ({
  lines: 10,
  fromMs: FROM_MS + 5_000,
  toMs: FROM_MS + 60_000,
  statuses: { '200': 10 },
  withSession: 9,
  replaced: 1,
  foreignRoute: 2,
  routes: ['server1', 'server2'],
  sessions,
  allSessions,
  allUnknown: allSessions,
  showsAnswered: true,
  created: { byAgent: { browser: 1 } },
  fromOtherSite: null,
});
const succeeded = (output: ReadLogsOutput): CommandState => ({
  state: 'succeeded',
  statusDetails: 'Success',
  output: JSON.stringify(output),
  errorOutput: '',
});
const CONTRACT: AppContract = {
  start: ['node', 'server.js'],
  port: 8080,
  health: { loadBalancer: '/up', ready: '/ready' },
  session: { cookie: 'SID', page: '/' },
  logs: { access: { path: 'access.log', pattern: 'combined', paths: ['/bookings/new'] } },
};
const CALM = { lines: 5, storeConnection: 0, readOnly: 0, outOfMemory: 0, serialization: 0, sessionTimeout: 0, firstMs: {}, lastMs: {} };
/** Names of the collector's own, by what the server named. */
const own = (hash: string) => createHmac('sha256', REQUEST.hashKey).update(hash).digest('hex').slice(0, 12);
const NAMES = { 'read-logs': 'holdfast-read-logs', 'access-log': 'holdfast-access-log' };
/** What of an answer each document prints. */
function partOf(reply: CommandState, isAccess: boolean): CommandState {
  if (reply.state !== 'succeeded') return reply;
  const { access, route, ...own } = JSON.parse(reply.output);
  const part = isAccess ? { release: own.release, ...(access && { access }), ...(route && { route }), gaps: [] } : own;
  return { ...reply, output: JSON.stringify(part) };
}
const RUNNING: CommandState = { state: 'running' };

/** @param replies of each server's command, one after the other; the last one again and again */
function collect(
  replies: Readonly<Record<string, readonly (CommandState | Error)[]>>,
  { failing, zone }: { readonly failing?: string; readonly zone?: string } = {},
) {
  const orders: object[] = [];
  let nowMs = FROM_MS;
  const asked = new Map<string, number>();
  const collector = createServersCollector({
    documentNames: NAMES,
    serversOf: async (fleet) => (fleet === 'web' ? Object.keys(replies).map((instanceId) => ({ instanceId, ...(zone && { zone }) })) : []),
    contractOf: async (fleet, version) => (fleet === 'web' && version === '1.4.2' ? CONTRACT : undefined),
    now: () => nowMs,
    pause: async (ms) => {
      nowMs += ms;
    },
    runCommand: {
      send: async (order) => {
        const first = replies[order.instanceId]?.[0];
        if (first instanceof Error) throw first;
        orders.push(order);
        return `command-${order.instanceId}`;
      },
      describe: async (_commandId, instanceId, step) => {
        const at = asked.get(`${instanceId} ${step}`) ?? 0;
        asked.set(`${instanceId} ${step}`, at + 1);
        const reply = replies[instanceId]?.at(Math.min(at, (replies[instanceId]?.length ?? 1) - 1));
        if (reply === undefined || reply instanceof Error) throw reply;
        if (step === failing) throw Object.assign(new Error('no such right'), { name: 'AccessDenied' });
        return partOf(reply, step === 'readAccessLog');
      },
    },
  });
  return { run: () => collector(REQUEST), orders };
}

describe('servers', () => {
  it('asks each server under the same key, and gives what its logs show', async () => {
    const output: ReadLogsOutput = {
      release: '1.4.2',
      route: 'server1',
      access: access(['0000000000aa 0 55 4 0,1 !', '0000000000bb 10 10 1 -']),
      store: { reachable: true },
      cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: null, secure: true, httpOnly: true, slides: null },
      gaps: ['access.log.1.gz: damaged'],
    };
    const { run, orders } = collect({ 'i-1': [RUNNING, succeeded(output)] });
    expect(await run()).toEqual({
      // Two servers are asked for each half a second.
      takenAtMs: FROM_MS + 1_000,
      facts: {
        servers: [
          {
            instanceId: 'i-1',
            release: '1.4.2',
            route: 'route 1',
            store: { reachable: true },
            cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: null, secure: true, httpOnly: true, slides: null },
            gaps: ['a compressed file of the logs is damaged'],
            access: expect.objectContaining({
              withSession: 9,
              sessions: {
                [own('0000000000aa')]: {
                  routes: ['route 1', 'route 2'],
                  firstMs: FROM_MS + 5_000,
                  lastMs: FROM_MS + 60_000,
                  requests: 4,
                  lost: true,
                },
                [own('0000000000bb')]: { routes: [], firstMs: FROM_MS + 15_000, lastMs: FROM_MS + 15_000, requests: 1 },
              },
            }),
          },
        ],
      },
    });
    expect(orders).toEqual([
      {
        documentName: 'holdfast-read-logs',
        instanceId: 'i-1',
        parameters: { fromMs: String(FROM_MS), toMs: String(FROM_MS + 3_600_000), newSinceMs: String(REQUEST.firstSignMs) },
        comment: 'Holdfast read-logs on i-1 for inc-1',
      },
      {
        documentName: 'holdfast-access-log',
        instanceId: 'i-1',
        parameters: { hashKey: REQUEST.hashKey, fromMs: String(FROM_MS), toMs: String(FROM_MS + 3_600_000) },
        comment: 'Holdfast access-log on i-1 for inc-1',
      },
    ]);
  });

  it('keeps the part of the samples that all servers have', async () => {
    const { run } = collect({
      'i-1': [succeeded({ release: '1.4.2', access: access(['111111111111 0 0 1 -', '333333333333 0 0 1 -'], false), gaps: [] })],
      'i-2': [succeeded({ release: '1.4.2', access: access(['222222222222 0 0 1 -', '444444444444 0 0 1 -'], false), gaps: [] })],
      'i-3': [succeeded({ release: '1.4.2', access: access(['333333333333 0 0 1 -', '555555555555 0 0 1 -']), gaps: [] })],
    });
    const collected = await run();
    const servers = 'facts' in collected ? collected.facts.servers : [];
    expect(servers.map(({ access }) => Object.keys(access?.sessions ?? {}))).toEqual([
      [own('111111111111'), own('333333333333')],
      [own('222222222222')],
      [own('333333333333')],
    ]);
  });

  it('names each server that gives nothing, and why', async () => {
    const { run } = collect({
      'i-1': [new Error('InvalidInstanceId')],
      'i-2': [RUNNING],
      'i-3': [{ state: 'running', undelivered: true }],
      'i-4': [{ state: 'failed', statusDetails: 'Failed', output: '', errorOutput: 'SSM_hashKey is not set' }],
      'i-5': [succeeded({ release: 'none', gaps: [] })],
    });
    expect(await run()).toMatchObject({
      facts: {
        servers: [
          { instanceId: 'i-1', gap: expect.stringContaining('InvalidInstanceId') },
          { instanceId: 'i-2', gap: 'its logs were not read within 42 s' },
          { instanceId: 'i-3', gap: 'its agent did not fetch the command within 42 s' },
          {
            instanceId: 'i-4',
            gap: 'its logs were not read: the command failed, and Systems Manager has its output (command command-i-4, Failed)',
          },
          { instanceId: 'i-5', release: 'none' },
        ],
      },
    });
  });

  it('asks at most twenty servers, and says how many it left out', async () => {
    const servers = Array.from({ length: 23 }, (_, index) => [`i-${index + 10}`, [succeeded({ release: '1.4.2', gaps: [] })]] as const);
    const { run, orders } = collect(Object.fromEntries(servers));
    expect(await run()).toMatchObject({ gaps: ['3 of 23 servers were not asked: at most 20 are'] });
    expect(orders).toHaveLength(40);
  });

  it('uses nothing of an answer that the document does not give, and quotes nothing of it', async () => {
    const whole: ReadLogsOutput = { release: '1.4.2', access: access(['0000000000aa 0 55 4 0,1 !']), gaps: [] };
    const [log] = [whole.access as NonNullable<ReadLogsOutput['access']>];
    const answers: readonly object[] = [
      { ...whole, jane: 'jane@example.com' },
      { ...whole, release: '<b>1.4.2</b>' },
      { ...whole, gaps: Array(21).fill('x') },
      { ...whole, access: { ...log, lines: 1e300 } },
      { ...whole, access: { ...log, lines: 10.5 } },
      { ...whole, access: { ...log, lines: 9 } },
      { ...whole, access: { ...log, withSession: 11 } },
      { ...whole, access: { ...log, foreignRoute: 10 } },
      { ...whole, access: { ...log, fromMs: FROM_MS - 1 } },
      { ...whole, access: { ...log, toMs: FROM_MS + 3_600_001 } },
      { ...whole, access: { ...log, sessions: ['0000000000aa 0 56 4 0 !'] } },
      { ...whole, access: { ...log, sessions: ['0000000000aa 0 55 4 2 !'] } },
      { ...whole, access: { ...log, sessions: ['0000000000bb 0 1 1 0', '0000000000aa 0 1 1 0'] } },
      { ...whole, access: { ...log, sessions: Array.from({ length: 501 }, (_, at) => `${String(at).padStart(12, '0')} 0 0 0 -`) } },
      { ...whole, access: { ...log, routes: ['server1', 'server 2'] } },
      { ...whole, access: { ...log, created: { byAgent: { jane: 1 } } } },
      { ...whole, application: { ...CALM, firstMs: { storeConnection: 1e300 } } },
      { ...whole, application: { ...CALM, storeConnection: 6 } },
      { ...whole, application: { ...CALM, firstMs: { jane: FROM_MS } } },
    ];
    for (const answer of answers) {
      const { run } = collect({
        'i-1': [{ state: 'succeeded', statusDetails: 'Success', output: JSON.stringify(answer), errorOutput: '' }],
      });
      const collected = await run();
      const [server] = 'facts' in collected ? collected.facts.servers : [];
      const refused = 'its answer is none that the document gives, and nothing of it is used (command command-i-1, Success)';
      expect([answer, [server?.gap, ...(server?.gaps ?? [])].join()]).toEqual([answer, expect.stringContaining(refused)]);
      const isOfAccess = JSON.stringify(Reflect.get(answer, 'access')) !== JSON.stringify(log);
      expect([answer, server?.access === undefined, server?.application]).toEqual([
        answer,
        isOfAccess || server?.gap !== undefined,
        undefined,
      ]);
    }
    expect(await collect({ 'i-1': [succeeded(whole)] }).run()).toMatchObject({ facts: { servers: [{ access: { lines: 10 } }] } });
  });

  it('uses what one document gives where the other gives nothing, and says which', async () => {
    const whole: ReadLogsOutput = { release: '1.4.2', access: access(['0000000000aa 0 55 4 0,1 !']), store: { reachable: true }, gaps: [] };
    const { run } = collect({ 'i-1': [succeeded(whole)] }, { failing: 'readLogs' });
    const collected = await run();
    const [server] = 'facts' in collected ? collected.facts.servers : [];
    expect(server).toMatchObject({
      access: { lines: 10 },
      gaps: ["the server's own view and its application's log: AccessDenied: no such right"],
    });
    expect(server).not.toHaveProperty('store');
  });

  it('leaves out words that are not of a list or of the release', async () => {
    const log = { ...access([]), minutes: [], paths: ['/bookings/new 200:1', '/jane/doe 200:1', '/cart/* 200:1'] };
    const cookie = { name: 'jane', maxAgeSeconds: null, sameSite: null, secure: true, httpOnly: true, slides: null };
    const said: ReadLogsOutput = {
      release: '1.4.2',
      route: '10.0.0.9',
      access: log,
      store: { reachable: false, error: 'jane@example.com: ECONNREFUSED' },
      cookie,
      gaps: [
        'logs.access: jane',
        'jane',
        'logs.application: Permission denied',
        'jane.log: damaged',
        '3 of 9 lines of the access log do not have the pattern',
      ],
    };
    const { run } = collect({ 'i-1': [succeeded(said)], 'i-2': [succeeded({ ...said, release: '6.6.6', gaps: [] })] });
    const collected = await run();
    expect(collected).toMatchObject({
      facts: {
        servers: [
          {
            release: '1.4.2',
            access: { byPath: [{ path: '/bookings/new' }, { path: '/*/*' }, { path: '/cart/*' }] },
            store: { reachable: false, error: 'an error of another kind' },
            gaps: [
              'logs.access could not be read',
              'something else could not be read: Systems Manager has the output of the command',
              'logs.application: Permission denied',
              'a compressed file of the logs is damaged',
              '3 of 9 lines of the access log do not have the pattern',
            ],
          },
          { access: { byPath: [{ path: '/*/new' }, { path: '/*/*' }, { path: '/cart/*' }] } },
        ],
      },
    });
    expect(JSON.stringify(collected)).not.toMatch(/jane|6\.6\.6|10\.0\.0/);
  });

  it('is a gap where no server is registered', async () => {
    expect(await collect({}).run()).toEqual({ gap: 'no server is registered in web' });
  });
});
