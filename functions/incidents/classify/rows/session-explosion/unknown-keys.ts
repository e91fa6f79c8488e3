import { memoryGrows } from '../../facts/store-memory.ts';
import { grownShapes, unknownIsFew, unknownKeysGrow } from '../../facts/unknown-growth.ts';
import type { Row } from '../../row.ts';

export const unknownKeys: Row = {
  cause: 'unknown-keys',
  runbook: 'session-explosion',
  title: 'Keys without a TTL that no known framework writes become more',
  sentence: (evidence) => {
    const [most] = grownShapes(evidence);
    return `the store fills with keys without a TTL that no known framework writes${most ? ` (+${most.grown} ${most.shape})` : ''}`;
  },
  needs: [
    {
      asks: 'Full sweeps of the last day found 100 or more new keys of one shape that have no TTL and that no known framework writes. It is certain if they are a fifth of all keys.',
      judge: unknownKeysGrow,
    },
  ],
  refutedBy: [{ ruledOut: 'growth that fills no store', asks: 'They are less than one in a hundred of all keys.', judge: unknownIsFew }],
  supportedBy: [{ asks: 'Memory is tight, or grows.', judge: memoryGrows }],
  yieldsTo: [],
  mitigations: ['scale-store'],
};
