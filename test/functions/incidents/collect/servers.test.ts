/** The servers of a fleet, asked by the document read-logs, with a fake Run Command. */
import { describe, expect, it } from 'vitest';
import { createServersCollector } from '../../../../functions/incidents/collect/servers.ts';
import type { ReadLogsOutput } from '../../../../functions/incidents/contract/read-logs.ts';
import type { CommandState } from '../../../../functions/shared/aws/run-command.ts';

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
  created: { byAgent: { browser: 1 }, byPath: { '/login': 1 } },
  fromOtherSite: null,
  lostAtAgeMinutes: { '3': 1 },
  lostAfterIdleSeconds: {},
  endedAtAgeMinutes: {},
});
const succeeded = (output: ReadLogsOutput): CommandState => ({
  state: 'succeeded',
  statusDetails: 'Success',
  output: JSON.stringify(output),
  errorOutput: '',
});
const RUNNING: CommandState = { state: 'running' };

/** @param replies of each server's command, one after the other; the last one again and again */
function collect(replies: Readonly<Record<string, readonly (CommandState | Error)[]>>) {
  const orders: object[] = [];
  let nowMs = FROM_MS;
  const asked = new Map<string, number>();
  const collector = createServersCollector({
    documentName: 'holdfast-read-logs',
    serversOf: async (fleet) => (fleet === 'web' ? Object.keys(replies) : []),
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
      describe: async (_commandId, instanceId) => {
        const at = asked.get(instanceId) ?? 0;
        asked.set(instanceId, at + 1);
        const reply = replies[instanceId]?.at(Math.min(at, (replies[instanceId]?.length ?? 1) - 1));
        if (reply === undefined || reply instanceof Error) throw reply;
        return reply;
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
      gaps: ['access.log.1.gz: damaged'],
    };
    const { run, orders } = collect({ 'i-1': [RUNNING, succeeded(output)] });
    expect(await run()).toEqual({
      takenAtMs: FROM_MS + 2_000,
      facts: {
        servers: [
          {
            instanceId: 'i-1',
            release: '1.4.2',
            route: 'server1',
            store: { reachable: true },
            gaps: ['access.log.1.gz: damaged'],
            access: expect.objectContaining({
              withSession: 9,
              sessions: {
                '0000000000aa': {
                  routes: ['server1', 'server2'],
                  firstMs: FROM_MS + 5_000,
                  lastMs: FROM_MS + 60_000,
                  requests: 4,
                  lost: true,
                },
                '0000000000bb': { routes: [], firstMs: FROM_MS + 15_000, lastMs: FROM_MS + 15_000, requests: 1 },
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
        parameters: { hashKey: REQUEST.hashKey, fromMs: String(FROM_MS), toMs: String(FROM_MS + 3_600_000) },
        comment: 'Holdfast read-logs on i-1 for inc-1',
      },
    ]);
  });

  it('keeps the part of the samples that all servers have', async () => {
    const { run } = collect({
      'i-1': [succeeded({ release: '1', access: access(['111111111111 0 0 1 -', '333333333333 0 0 1 -'], false), gaps: [] })],
      'i-2': [succeeded({ release: '1', access: access(['222222222222 0 0 1 -', '444444444444 0 0 1 -'], false), gaps: [] })],
      'i-3': [succeeded({ release: '1', access: access(['555555555555 0 0 1 -', '333333333333 0 0 1 -']), gaps: [] })],
    });
    const collected = await run();
    const servers = 'facts' in collected ? collected.facts.servers : [];
    expect(servers.map(({ access }) => Object.keys(access?.sessions ?? {}))).toEqual([
      ['111111111111', '333333333333'],
      ['222222222222'],
      ['333333333333'],
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
          { instanceId: 'i-4', gap: expect.stringContaining('read-logs on i-4 ended as Failed: SSM_hashKey is not set') },
          { instanceId: 'i-5', release: 'none' },
        ],
      },
    });
  });

  it('asks at most twenty servers, and says how many it left out', async () => {
    const servers = Array.from({ length: 23 }, (_, index) => [`i-${index + 10}`, [succeeded({ release: '1', gaps: [] })]] as const);
    const { run, orders } = collect(Object.fromEntries(servers));
    expect(await run()).toMatchObject({ gaps: ['3 of 23 servers were not asked: at most 20 are'] });
    expect(orders).toHaveLength(20);
  });

  it('is a gap where no server is registered', async () => {
    expect(await collect({}).run()).toEqual({ gap: 'no server is registered in web' });
  });
});
