import { describe, expect, it } from 'vitest';
import { secondsBetween, tableOf } from '../../emulators/summarize.ts';

describe('the benchmark of the emulators', () => {
  it('counts seconds from one milestone to another', () => {
    const seconds = secondsBetween(
      new Map([
        ['starting', 1_000],
        ['booted', 4_449],
      ]),
    );
    expect(seconds('starting', 'booted')).toBe(3.4);
  });

  it('has no figure for what was not reached', () => {
    expect(() => secondsBetween(new Map([['starting', 1_000]]) as ReadonlyMap<string, number>)('starting', 'booted')).toThrow(
      '"booted" was not reached',
    );
  });

  it('prints one line for each emulator', () => {
    const one = {
      name: 'ministack' as const,
      bootSeconds: 3.4,
      bootstrapSeconds: 9,
      deploySeconds: 41.2,
      rollingDeploySeconds: 30.5,
      peakRssMb: 1234,
    };
    const [head, line, ...more] = tableOf([one]).split('\n');
    expect([head?.trim().split(/\s+/), line?.trim().split(/\s+/), more]).toEqual([
      ['bootSeconds', 'bootstrapSeconds', 'deploySeconds', 'rollingDeploySeconds', 'peakRssMb'],
      ['ministack', '3.4', '9', '41.2', '30.5', '1234'],
      [],
    ]);
  });
});
