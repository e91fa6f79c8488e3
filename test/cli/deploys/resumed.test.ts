import { expect, it } from 'vitest';
import { resumed, stopWords } from '../../../cli/deploys/resumed.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';

const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };
const PAUSE = { after: 1, startedAtMs: 1, endsAtMs: 2 };
const record = (more: Partial<DeployRecord> = {}) => ({
  pauseAfter: 1,
  pause: PAUSE,
  targets: {
    'i-1': { ...target, phase: 'rolledBack' as const },
    'i-2': { ...target, phase: 'waiting' as const },
    'i-3': { ...target, phase: 'skipped' as const },
  },
  ...more,
});

it.each<[string, Partial<DeployRecord>, number | undefined, string | undefined]>([
  ['was to stop and nobody continued stops again', {}, 1, 'this one stops after 1 server as well'],
  ['failed before its stop stops as well', { pause: undefined }, 1, 'this one stops after 1 server as well'],
  ['has too few servers left to stop says so', { pauseAfter: 2 }, undefined, 'this one does not stop'],
  ['somebody had continued goes on', { pause: { ...PAUSE, continued: { requestedBy: 'ann', atMs: 1 } } }, undefined, undefined],
  ['was not to stop does not', { pauseAfter: undefined, pause: undefined }, undefined, undefined],
])('a deploy that is resumed and %s', (_, more, pauseAfter, words) => {
  const again = resumed(record(more));
  expect(again).toEqual({ recover: true, ...(pauseAfter && { pauseAfter }) });
  const said = stopWords(record(more), again);
  if (words === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(words);
});

it('a restart is one of the same server', () => {
  expect(resumed(record({ restart: 'i-1' }))).toEqual({ restart: 'i-1' });
});
