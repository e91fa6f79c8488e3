import { expect, it } from 'vitest';
import { judge } from '../../session/judge.ts';

const round = (perSecond: number, commandsPerRequest: number) => ({ requests: 100, perSecond, commands: 100 * commandsPerRequest });

it.each([
  ['is met by one command and 0.95 of the throughput', [1_000, 950, 1], true, 0.95],
  ['is not met by less throughput', [1_000, 940, 1], false, 0.94],
  ['is not met by another command', [1_000, 1_500, 1.01], false, 1.5],
] as const)('%s', (_, [stock, guarded, commands], met, throughputRatio) => {
  const rounds = [{ stock: round(stock, 2), guarded: round(guarded, commands) }];
  expect(judge(rounds)).toEqual({
    stock: { perSecond: stock, commandsPerRequest: 2 },
    guarded: { perSecond: guarded, commandsPerRequest: commands },
    throughputRatio,
    met,
  });
});

it('compares the two within each round: a machine that slows down favours neither', () => {
  const pair = (factor: number) => ({ stock: round(1_000 * factor, 2), guarded: round(1_100 * factor, 1) });
  expect(judge([pair(1), pair(0.2), pair(0.5)]).throughputRatio).toBe(1.1);
});
