import { expect, it } from 'vitest';
import { timesOf } from '../../incidents/run-times.ts';

const FIRED_MS = 1_795_000_000_000;
const at = (seconds: number) => ({ id: 1, type: 'TaskStateEntered' as const, timestamp: new Date(FIRED_MS + seconds * 1_000) });
const entered = (name: string, seconds: number) => ({ ...at(seconds), stateEnteredEventDetails: { name } });
const exited = (name: string, seconds: number, output: object = {}) => ({
  ...at(seconds),
  stateExitedEventDetails: { name, output: JSON.stringify(output) },
});

it('a run spends its time in its steps and in each source, in seconds since the alarm', () => {
  const collected = [
    { source: 'servers', beganAtMs: FIRED_MS + 2_500, endedAtMs: FIRED_MS + 6_040 },
    { source: 'witness', gap: 'it died' },
  ];
  const events = [
    at(1.4),
    ...[entered('Take input', 1.4), entered('Open', 1.5), exited('Open', 2)],
    ...[entered('Collect', 2), exited('Collect', 6.2, { collected }), entered('Classify', 6.2), exited('Classify', 7, { collected })],
  ];
  expect(timesOf(events, FIRED_MS)).toEqual({
    ...{ start: [0, 1.4], Open: [1.5, 2], Collect: [2, 6.2], servers: [2.5, 6], Classify: [6.2, 7] },
  });
});
