/** Least squares: coefficients that make a weighted sum of features come closest to what was observed. Pure. */
import type { Features } from '../../../cli/cost/deploy-usage.ts';

export interface Observation {
  readonly features: Features;
  readonly observed: number;
}

/** A row counts by its relative error, so that a long deploy weighs as much as a short one. */
export function leastSquares(observations: readonly Observation[]): Features {
  const names = Object.keys(observations[0]?.features ?? {});
  const rows = observations.map(({ features, observed }) => {
    const weight = 1 / Math.max(observed, 1);
    return [...names.map((name) => (features[name] ?? 0) * weight), observed * weight];
  });
  // The normal equations, with the observed values as the last column.
  const sums = names.map((_, row) =>
    [...names, 'observed'].map((_, column) => rows.reduce((sum, each) => sum + at(each, row) * at(each, column), 0)),
  );
  for (const [pivot, line] of sums.entries()) {
    const divisor = at(line, pivot);
    if (Math.abs(divisor) < 1e-12) throw new RangeError(`the observations do not tell ${names[pivot]} from the other features`);
    sums[pivot] = line.map((value) => value / divisor);
    for (const [index, other] of sums.entries()) {
      if (index !== pivot) sums[index] = other.map((value, column) => value - at(other, pivot) * at(sums[pivot] ?? [], column));
    }
  }
  return Object.fromEntries(names.map((name, index) => [name, Math.round(at(sums[index] ?? [], names.length) * 1e4) / 1e4]));
}

const at = (row: readonly number[], column: number): number => row[column] ?? 0;
