import { describe, expect, it } from 'vitest';
import { countSizes, type Size } from './count-sizes.ts';
import { judgeSizes, linesOf, lowered, NUMBERS } from './numbers.ts';

const sizes = countSizes();
const size = (lines: number): Size => ({ files: 1, lines, bytes: 1, proseWords: 0 });

describe('rooms', () => {
  it('have no more lines than their number, and not 2 % less', () => {
    expect(judgeSizes(sizes)).toEqual([]);
  });

  it('are all there is of the product', () => {
    const { product, rooms } = sizes;
    const parts = Object.entries(rooms).filter(([room]) => !/^(?:lab|tests?)\b/.test(room));
    expect(parts.reduce((lines, [, part]) => lines + part.lines, 0)).toBe(product.lines);
    expect(product.lines).toBeGreaterThan(50_000);
    expect(Object.values(rooms).every(({ files, bytes }) => files > 0 && bytes > 0)).toBe(true);
  });
});

describe('judgeSizes', () => {
  const numbers = { 'functions/deploy': 1_000, cli: 100, product: 1_100, 'files of the product': 1, 'bytes of the product': 1 };
  const judge = (deploy: number, cli = 100) =>
    judgeSizes({ product: size(1_100), rooms: { 'functions/deploy': size(deploy), cli: size(cli), test: size(9) } }, numbers);

  it.each([[1_000], [980]])('lets a room of %d lines be that is held to 1,000', (lines) => expect(judge(lines)).toEqual([]));
  it('refuses one more line', () => expect(judge(1_001)[0]).toMatch(/^functions\/deploy: 1001, held to 1000/));
  it('wants a lower number after lines went', () => expect(judge(979)[0]).toMatch(/far below its 1000: npm run sizes -- --lower$/));
  it('lets a small room lose a few lines', () => expect(judge(1_000, 88)).toEqual([]));
  it('names a room without a number, and a number without a room', () => {
    expect(judgeSizes({ product: size(1_100), rooms: { cli: size(100), console: size(3) } }, numbers)).toEqual([
      'console is new, 3, and has no number: npm run sizes -- --lower',
      'functions/deploy is gone: npm run sizes -- --lower',
    ]);
  });
});

it('lowering raises no number', () => {
  const grown = { ...sizes, product: size(sizes.product.lines + 9_999) };
  expect(lowered(grown)).toMatchObject({ product: NUMBERS['product'] });
  expect(Object.keys(lowered(sizes))).toEqual(Object.keys(linesOf(sizes)));
});
