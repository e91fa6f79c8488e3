import { describe, expect, it } from 'vitest';
import { shardsOf } from '../../../../functions/shared/store/cluster-slots.ts';
import { nameOf, ownerOf } from '../../../../functions/sweep/store/shards.ts';

const ASKED = { host: 'asked', port: 1 };
const reply = [
  [5_461, 16_383, ['b', 2, 'id-b']],
  [0, 5_000, ['', 1, 'id-a'], ['c', 3, 'id-c'], ['?', 4, 'id-d']],
  [5_100, 5_460, [null, 1, 'id-a'], ['c', 3, 'id-c']],
  [5_001, 5_099, ['b', 2, 'id-b']],
] as Parameters<typeof shardsOf>[0];

describe('the shards of a cluster', () => {
  it('are one per primary; a node without an address is the one that answered', () => {
    expect(shardsOf(reply, ASKED)).toMatchObject([
      {
        primary: ASKED,
        slots: [
          [0, 5_000],
          [5_100, 5_460],
        ],
        replicas: [{ host: 'c', port: 3 }],
      },
      {
        primary: { host: 'b', port: 2 },
        slots: [
          [5_001, 5_099],
          [5_461, 16_383],
        ],
        replicas: [],
      },
    ]);
  });

  it('are called by their widest range', () => {
    expect(shardsOf(reply, ASKED).map(nameOf)).toEqual(['0-5000', '5461-16383']);
  });

  it.each([
    ['0-5460', ASKED],
    ['5001-5099', { host: 'b', port: 2 }],
    ['5000-16383', { host: 'b', port: 2 }],
  ])('%s is served by the primary with most of its slots', (name, owner) => {
    expect(ownerOf(name, shardsOf(reply, ASKED))).toEqual(owner);
  });

  it('that nobody serves has no owner', () => {
    expect(ownerOf('0-100', shardsOf([[200, 300, ['b', 2, 'id-b']]], ASKED))).toBeUndefined();
  });
});
