import { beforeEach, describe, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { createPromoteReplica, type StoreGroup } from '../../../../functions/incidents/mitigate/promote-replica.ts';
import { type SaidBy, saidBy } from './said-by.ts';

const TARGET = { incidentId: 'inc-1' };

/** A replication group of two nodes. */
let cache: { status: string; automaticFailover: boolean; clusterMode: boolean; primary: string; members: string[] };
let sent: string[];

beforeEach(() => {
  cache = { status: 'available', automaticFailover: false, clusterMode: false, primary: 's-001', members: ['s-001', 's-002'] };
  sent = [];
});

const roleOf = (node: string) => (node === cache.primary ? 'primary' : 'replica');
const group: StoreGroup = {
  id: 'sessions',
  describe: async () => ({
    ...{ status: cache.status, automaticFailover: cache.automaticFailover, shards: 1 },
    members: cache.members.map((node) => ({ node, ...(!cache.clusterMode && ({ role: roleOf(node) } as const)) })),
  }),
  async promote(node) {
    sent.push(node);
    cache.primary = node;
  },
};
const planned = async <Undo>(mitigation: Mitigation<Undo>) => (await mitigation.plan(TARGET)) as Calls<Undo>;
/** The calls that the plan shows are the calls that are sent. */
const shown = (plan: Calls) => plan.calls.map(({ input }) => input['PrimaryClusterId']);

describe('promote-replica', () => {
  const LAG = { atMs: Date.parse('2026-11-22T03:10:00Z'), seconds: 2, bytes: 4_096 };
  let lag: typeof LAG | undefined = LAG;
  const said: SaidBy = {};
  let servers: ServerFacts[] = [];
  const promote = createPromoteReplica({ group, lastLag: async () => lag, witnesses: saidBy(said), readServers: async () => servers });
  beforeEach(() => {
    lag = LAG;
    Object.assign(said, { fleet: 'away', collector: 'away' });
    servers = [];
  });

  it('leaves a replica alone where somebody has promoted another one since the plan', async () => {
    cache.members = ['s-001', 's-002', 's-003'];
    const plan = await planned(promote);
    cache.primary = 's-003';
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: 'the primary of sessions is s-003, no longer s-001; nothing was changed',
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['the collector', { collector: 'works' }],
    ['the network of a fleet', { fleet: 'works' }],
    // It answers PING, and refuses writes or clients: its data is there.
    ...(['full', 'refusedLogin', 'noConnections', 'busy', 'loading'] as const).map(
      (state) => [`a store that is ${state}`, { fleet: state }] as const,
    ),
  ] as const)('is refused while %s has a primary that answers, and again when an approval comes late', async (_, now) => {
    const plan = await planned(promote);
    expect(plan.effect).toContain('logins and changes of sessions of that time');
    Object.assign(said, now);
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('has a primary that answers') });
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });

  it('is refused while some server works with the store, by its readiness check or where it has none by a PING', async () => {
    const cutOff = { ready: false, store: { reachable: false } };
    servers = ['i-1', 'i-2', 'i-3', 'i-4'].map((instanceId, at) => ({ instanceId, ...(at === 0 ? { ready: true } : cutOff) }));
    expect(await promote.plan(TARGET)).toEqual({
      refused: expect.stringContaining('1 of 4 servers are ready, and so work with it'),
    });
    servers = [{ instanceId: 'i-1', store: { reachable: true } }];
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('1 of 1 servers get an answer to PING') });
    servers = [{ instanceId: 'i-1', ready: false, store: { reachable: true } }];
    await planned(promote);
  });

  it.each<[string, SaidBy, ServerFacts[]]>([
    ['the fleet’s function does not answer', { fleet: undefined, collector: 'away' }, []],
    ['nobody says anything', { fleet: undefined, collector: undefined }, []],
    [
      'half of the servers are cut off',
      { fleet: undefined, collector: 'away' },
      [{ instanceId: 'i-1', ready: false }, { instanceId: 'i-2' }],
    ],
  ])('is refused where nobody but the collector says that no primary is there: %s', async (_, now, reported) => {
    const plan = await planned(promote);
    Object.assign(said, now);
    servers = reported;
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('nobody but the collector could say') });
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    servers = [{ instanceId: 'i-1', ready: false }];
    await planned(promote);
  });

  it('is refused where no fleet is configured: only the collector would say that no primary is there', async () => {
    const witnesses = { ...saidBy(said), fleets: [], witnessed: [] };
    const alone = createPromoteReplica({ group, lastLag: async () => lag, witnesses, readServers: async () => [] });
    expect(await alone.plan(TARGET)).toEqual({ refused: expect.stringContaining('no fleet is configured') });
  });

  it('promotes a replica of a group that does not fail over by itself, once', async () => {
    const plan = await planned(promote);
    expect(plan.effect).toContain('s-002 becomes the primary; what s-001 had not yet replicated is lost');
    expect(plan.effect).toContain('at 2026-11-22 03:10:00 UTC replicas were 2 s and 4096 bytes behind');
    expect(sent).toEqual([]);
    expect(await promote.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
    await promote.act(TARGET, plan);
    await promote.act(TARGET, plan);
    expect(sent).toEqual(shown(plan));
    expect(await promote.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
  });

  it.each<[string, Partial<typeof cache>]>([
    ['promotes a replica by itself', { automaticFailover: true }],
    ['in cluster mode', { clusterMode: true }],
    ['is modifying', { status: 'modifying' }],
    ['has no replica to promote', { members: ['s-001'] }],
  ])('refuses a group that %s', async (reason, change) => {
    Object.assign(cache, change);
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining(reason) });
  });

  it('refuses while it is not known how far replicas were behind', async () => {
    lag = undefined;
    expect(await promote.plan(TARGET)).toEqual({ refused: expect.stringContaining('how far replicas were behind') });
  });

  it('promotes nothing when automatic failover was enabled since', async () => {
    const plan = await planned(promote);
    cache.automaticFailover = true;
    await expect(promote.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
    expect(sent).toEqual([]);
  });
});
