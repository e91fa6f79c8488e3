import { expect, it } from 'vitest';
import { sessionsAreFew } from '../../../../../functions/incidents/classify/facts/store-content.ts';
import { dialect, evidence, node, unreachable } from '../../healthy-evidence.ts';

const LARGE = { datasetBytes: 200_000_000 };
const SIZES = { 1024: 500 };
const judge = (...nodes: ReturnType<typeof node>[]) => sessionsAreFew(evidence({ store: { nodes, dialects: [dialect()], sizes: SIZES } }));

it('sessions are a small part of a store by the data of every primary', () => {
  // 10,000 sessions of 1.5 KB.
  expect(judge(node('node-1', 'primary', { datasetBytes: 40_000_000 }))).toMatchObject({ truth: false });
  expect(judge(node('node-1', 'primary', LARGE))).toMatchObject({ truth: true });
  expect(judge(node('node-1', 'primary', { datasetBytes: 30_000_000 }), node('node-2', 'primary', LARGE))).toMatchObject({ truth: true });
});

it.each([
  ['no primary can be reached', [unreachable('node-1'), node('node-2', 'replica', LARGE)]],
  [
    'one of the primaries does not report its data',
    [node('node-1', 'primary', LARGE), node('node-2', 'primary', { datasetBytes: undefined as never })],
  ],
])('whether sessions are a small part is open where %s', (_what, nodes) => {
  expect(judge(...nodes)).toMatchObject({ truth: null });
});
