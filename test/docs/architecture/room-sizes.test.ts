import { expect, it } from 'vitest';
import { roomSizes } from './room-sizes.ts';

it('counts files and lines of each room, and of all', () => {
  const sizes = roomSizes([
    { file: 'cli/a.ts', text: 'one\ntwo\n' },
    { file: 'cli/deploy/b.ts', text: 'one\n' },
    { file: 'server/d.py', text: `${'line\n'.repeat(1_200)}` },
  ]);
  expect(sizes).toEqual(expect.arrayContaining(['cli: 2 files, 3 lines', 'bin: 0 files, 0 lines', 'server: 1 files, 1,200 lines']));
  expect(sizes.at(-1)).toBe('the product: 3 files, 1,203 lines');
});
