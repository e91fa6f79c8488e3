import { describe, expect, it } from 'vitest';
import { readCommandStats, readMainThreadSeconds, sharePercent } from '../../sweep/store-share.ts';

const info = (...lines: string[]) => readCommandStats(`# Commandstats\r\n${lines.map((line) => `${line},rejected_calls=0\r\n`).join('')}`);

describe('the share of the store', () => {
  it("is the time of the client's commands in percent of the duration", () => {
    const before = info('cmdstat_evalsha_ro:calls=10,usec=1000,usec_per_call=100.00');
    const after = info('cmdstat_evalsha_ro:calls=20,usec=21000,usec_per_call=1050.00', 'cmdstat_get:calls=500,usec=90000,usec_per_call=1');
    expect(sharePercent(before, after, { evalsha_ro: 10 }, 2)).toBe(1);
  });

  it('does not count commands inside a script again, nor those of other clients', () => {
    const before = info();
    const after = info(
      'cmdstat_eval_ro:calls=20,usec=40000,usec_per_call=2000',
      'cmdstat_pttl:calls=1000,usec=30000,usec_per_call=30',
      'cmdstat_object|idletime:calls=10,usec=1000,usec_per_call=100',
    );
    // Half of the scripts are another client's; one call of OBJECT IDLETIME is outside a script.
    expect(sharePercent(before, after, { eval_ro: 10, 'object|idletime': 1 }, 1)).toBeCloseTo(2.01);
  });

  it('counts a command that the store refused, and so has no time, as nothing', () => {
    expect(sharePercent(info(), info(), { hget: 3 }, 1)).toBe(0);
  });
});

it("reads the CPU time of the server's main thread", () => {
  const cpu = 'used_cpu_sys:9.5\r\nused_cpu_user:20.5\r\nused_cpu_sys_main_thread:1.25\r\nused_cpu_user_main_thread:2.5\r\n';
  expect(readMainThreadSeconds(cpu)).toBe(3.75);
});
