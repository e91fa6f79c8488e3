import { describe, expect, it } from 'vitest';
import type { CloudState, RecordedCloud } from '../../../../cli/cloud-state.ts';
import { fateOf } from '../../traffic/cloud-fate.ts';

const OURS = { pid: 7, startedAtMs: 100 };
const recorded = (changes: Partial<CloudState>, isRunning = true): RecordedCloud => ({
  state: { ...OURS, ...changes } as CloudState,
  isRunning,
});

describe('fateOf', () => {
  it.each([
    ['up', 'that is recorded and runs', recorded({})],
    ['stopped', 'that removed its file', undefined],
    ['killed', 'that left its file', recorded({}, false)],
    ['stopped', 'after which another one was started', recorded({ pid: 8, startedAtMs: 200 })],
    ['stopped', 'whose process id another one has', recorded({ startedAtMs: 200 })],
  ] as const)('is %s for a cloud %s', (fate, _, found) => {
    expect(fateOf(OURS, found)).toBe(fate);
  });
});
