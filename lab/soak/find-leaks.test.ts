import { describe, expect, it } from 'vitest';
import { compareSamples, type Sample } from './find-leaks.ts';

const BEFORE: Sample = {
  processes: 20,
  ports: 15,
  files: 500,
  folders: 300,
  tempFiles: 40,
  memoryMegabytes: { gateway: 200, emulator: 150 },
};

describe('the comparison of two samples', () => {
  it('finds nothing where nothing grew', () => {
    expect(compareSamples(BEFORE, BEFORE, 50, 0)).toEqual({
      deploys: 50,
      failed: 0,
      processes: { before: 20, after: 20 },
      ports: { before: 15, after: 15 },
      files: { before: 500, after: 500 },
      folders: { before: 300, after: 300 },
      tempFiles: { before: 40, after: 40 },
      memoryMegabytes: { gateway: { before: 200, after: 200 }, emulator: { before: 150, after: 150 } },
      leaks: [],
    });
  });

  it.each([
    [{ processes: 21 }, 'processes grew from 20 to 21'],
    [{ ports: 16 }, 'ports grew from 15 to 16'],
    [{ folders: 307 }, 'folders grew from 300 to 307, by more than 6'],
    [{ tempFiles: 47 }, 'tempFiles grew from 40 to 47, by more than 6'],
    [{ files: 525 }, 'files grew from 500 to 525, by more than 24'],
    [{ memoryMegabytes: { gateway: 291, emulator: 150 } }, 'MB of the gateway grew from 200 to 291, by more than 90'],
    [{ memoryMegabytes: { gateway: 200, emulator: 241 } }, 'MB of the emulator grew from 150 to 241, by more than 90'],
  ])('names %j', (grown, leak) => {
    expect(compareSamples(BEFORE, { ...BEFORE, ...grown }, 50, 0).leaks).toEqual([leak]);
  });

  it.each([[{ processes: 19 }], [{ files: 524 }], [{ memoryMegabytes: { gateway: 290, emulator: 150 } }]])('takes %j for none', (grown) => {
    expect(compareSamples(BEFORE, { ...BEFORE, ...grown }, 50, 0).leaks).toEqual([]);
  });
});
