import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONCLUSION, MATRIX, quoteRow, STRATEGIES, STRATEGY_NAMES } from '../../advisor/situation.ts';

/** The matrix as it was published, written down apart from the code. */
const lines = readFileSync(path.join(import.meta.dirname, 'strategy-matrix.txt'), 'utf8')
  .trimEnd()
  .split('\n');
const cells = lines.filter((line) => line.includes('|')).map((line) => line.split('|').map((cell) => cell.trim()));
const [header = [], ...rows] = cells;

describe('the strategy matrix', () => {
  it('has the eight published conditions in their order, and three strategies', () => {
    expect(rows).toHaveLength(8);
    expect(MATRIX.map(({ condition }) => condition)).toEqual(rows.map(([condition]) => condition));
    expect(STRATEGIES.map((strategy) => STRATEGY_NAMES[strategy])).toEqual(header.slice(1));
  });

  it.each(rows.flatMap(([condition = '', ...ratings]) => ratings.map((rating, column) => [condition, header[column + 1] ?? '', rating])))(
    '%s: %s is %s',
    (condition, name, rating) => {
      const row = MATRIX.find((one) => one.condition === condition);
      const strategy = STRATEGIES.find((one) => STRATEGY_NAMES[one] === name);
      expect(row?.[strategy ?? 'redis']).toBe(rating);
    },
  );

  it('concludes as published', () => {
    expect(`Conclusion: ${CONCLUSION.ofNew} ${CONCLUSION.ofExisting}`).toBe(lines.at(-1));
  });

  it('quotes a row with all three ratings', () => {
    expect(quoteRow(MATRIX[2])).toBe(
      '"5+ servers" (Sticky Session: Not recommended, Tomcat Cluster: Not recommended, Redis Session: Required)',
    );
  });
});
