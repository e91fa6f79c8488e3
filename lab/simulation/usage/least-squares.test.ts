import { expect, it } from 'vitest';
import { leastSquares } from './least-squares.ts';

const observation = (servers: number, polls: number, observed: number) => ({ features: { once: 1, servers, polls }, observed });

it('finds the coefficients of what was observed', () => {
  const observations = [observation(1, 2, 15), observation(2, 2, 18), observation(3, 4, 29), observation(5, 1, 23)];
  expect(leastSquares(observations)).toEqual({ once: 4, servers: 3, polls: 4 });
});

it('refuses observations that do not tell two features apart', () => {
  expect(() => leastSquares([observation(1, 2, 10), observation(2, 4, 20), observation(3, 6, 30)])).toThrow(
    'do not tell polls from the other features',
  );
});
