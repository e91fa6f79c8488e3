import { expect, it } from 'vitest';
import { shownOf } from '../../../../functions/incidents/trouble/sentences.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { evidence, NOW_MS, node, unreachable } from '../healthy-evidence.ts';

const stateOf = (planted: Parameters<typeof evidence>[0]) => {
  const { nodes, refusedWrites } = troubleOf(evidence(planted)).channels;
  return { nodes: 'state' in nodes && nodes.state, refusedWrites: 'state' in refusedWrites && refusedWrites.state };
};

it('a primary that is slow takes writes all the same', () => {
  expect(stateOf({ store: { nodes: [node('node-1', 'primary', { state: 'slow', pingMs: 1_400 })] } }).nodes).toBe('usual');
  expect(stateOf({ store: { nodes: [unreachable('node-1'), node('node-2', 'replica')] } }).nodes).toBe('acute');
});

it('writes that were refused in earlier minutes are over, and are said with their times', () => {
  const minutes = Array.from({ length: 60 }, (_, at) => {
    const atSeconds = NOW_MS / 1_000 - (60 - at) * 60;
    return [atSeconds, 10_000, 10_000, at >= 20 && at < 40 ? 30 : 0, 0] as const;
  });
  const trouble = troubleOf(evidence({ readings: { minutes } }));
  expect(trouble.channels.refusedWrites).toMatchObject({ state: 'acute', untilMs: NOW_MS - 21 * 60_000 });
  expect(shownOf(trouble, evidence({ readings: { minutes } })).map(({ text }) => text)).toContain(
    'the store refused 600 writes (usually none), from 02:40 UTC until 02:59 UTC',
  );
});
