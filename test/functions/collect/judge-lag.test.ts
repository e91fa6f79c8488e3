import { expect, it } from 'vitest';
import { judgeLag } from '../../../functions/collect/sample-window.ts';

const replica = (more: object = {}) => ({ name: 'slave0', host: 'a', port: 1, state: 'online', offset: 900, lagSeconds: 1, ...more });
const primary = (...replicas: ReturnType<typeof replica>[]) => ({ role: 'primary' as const, offset: 1_000, replicas, linkDownSeconds: 0 });
const lost = (linkDownSeconds: number) => ({ role: 'replica' as const, offset: 0, replicas: [], linkDownSeconds });

it.each([
  ['the slowest replica counts', [primary(replica(), replica({ offset: 400, lagSeconds: 7 }))], { seconds: 7, bytes: 600, replicas: 2 }],
  [
    'a replica that is ahead of the offset that its primary reported does not lag',
    [primary(replica({ offset: 1_001 }))],
    { seconds: 1, bytes: 0, replicas: 1 },
  ],
  [
    'one that is being set up has no lag',
    [primary(replica({ state: 'wait_bgsave' }))],
    { seconds: undefined, bytes: undefined, replicas: 0 },
  ],
  ['one that has lost its primary is behind since then', [primary(replica()), lost(42)], { seconds: 42, bytes: 100, replicas: 1 }],
  ['a single node has none', [primary()], { seconds: undefined, bytes: undefined, replicas: 0 }],
  [
    'a line without numbers gives no lag',
    [primary(replica({ offset: Number.NaN, lagSeconds: Number.NaN }))],
    { seconds: undefined, bytes: undefined, replicas: 1 },
  ],
])('%s', (_title, nodes, expected) => {
  expect(judgeLag(nodes)).toEqual(expected);
});
