/** The store's own address leads to one of its nodes, and is none of them. */
import { describe, expect, it } from 'vitest';
import { noNode, noPrimary } from '../../../../../functions/incidents/classify/facts/reach.ts';
import { createStoreCollector } from '../../../../../functions/incidents/collect/store/store.ts';
import type { StoreFacts } from '../../../../../functions/incidents/contract/store-facts.ts';
import { evidence } from '../../healthy-evidence.ts';

const replica = (runId: string) => `role:slave\r\nrun_id:${runId}\r\nmaster_link_status:up\r\n`;
const SILENT = new Error('no answer within 10 s');

async function collect(endpoint: [name: string, answer: string | Error], nodes: Record<string, string | Error>): Promise<StoreFacts> {
  const node = (name: string, answer: string | Error) => ({
    name,
    host: name,
    port: 6379,
    info: async () => {
      if (typeof answer !== 'string') throw answer;
      return answer;
    },
  });
  const collected = await createStoreCollector({
    endpoint: async () => node(...endpoint),
    nodes: async () => Object.entries(nodes).map(([name, answer]) => node(name, answer)),
    record: async () => undefined,
    connect: () => Promise.reject(SILENT),
    databases: [],
    classify: () => ({ dialect: 'unknown', part: 'session' }) as never,
    now: () => 0,
  })({} as never);
  if (!('facts' in collected)) throw new Error('not collected');
  return collected.facts;
}

const THREE = { 'node-1': SILENT, 'node-2': SILENT, 'node-3': SILENT };
const group = (members: number) => ({
  status: 'available',
  automaticFailover: true,
  members: Array.from({ length: members }, (_, index) => ({
    node: `g-00${index}`,
    role: index === 0 ? ('primary' as const) : ('replica' as const),
  })),
  events: [],
});

/** The evidence as it is collected: sessions are not sampled while no primary answers, so the source is never complete then. */
function evidenceOf(store: StoreFacts, members: number) {
  const whole = evidence({ store, storeGroup: group(members) });
  return { ...whole, sources: { ...whole.sources, store: { takenAtMs: 0, facts: store, gaps: ['no primary answered'] } } };
}

describe('a store that does not answer', () => {
  it('has three nodes, and is reported with three', async () => {
    expect(noNode(evidenceOf(await collect(['primary', SILENT], THREE), 3))).toMatchObject({ truth: true, firm: true });
  });

  it.each([
    [2, true],
    [3, false],
  ])('of two nodes in a group of %i is known whole: %s', async (members, firm) => {
    const facts = await collect(['primary', SILENT], { 'node-1': SILENT, 'node-2': SILENT });
    expect(noPrimary(evidenceOf(facts, members))).toMatchObject({ truth: true, firm });
  });

  it('has one node where the collector knows it by that address', async () => {
    const { nodes } = await collect(['only', SILENT], { only: SILENT });
    expect(nodes).toMatchObject([{ name: 'only' }]);
    expect(nodes[0]).not.toHaveProperty('isAddress');
    expect((await collect(['only', SILENT], {})).nodes[0]).not.toHaveProperty('isAddress');
  });
});

it('counts the node behind an address that answers once, by that address', async () => {
  const { nodes } = await collect(['primary', replica('a')], { 'node-1': replica('a'), 'node-2': SILENT });
  expect(nodes.map(({ name, isAddress }) => [name, isAddress])).toEqual([
    ['primary', undefined],
    ['node-2', undefined],
  ]);
});
