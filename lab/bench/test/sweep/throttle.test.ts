import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { coreShareOf } from '../../sweep/throttle/core-share.ts';
import { throttle } from '../../sweep/throttle/throttle.ts';

it("is Lambda's share of a core by memory: all of it at 1,769 MB", () => {
  expect(coreShareOf(1_769)).toBe(1);
  expect(coreShareOf(512)).toBeCloseTo(0.289, 3);
});

const SPIN = `process.stdin.once('data', () => {
  const cpu = process.cpuUsage();
  const endsAt = performance.now() + 1000;
  while (performance.now() < endsAt);
  const { user, system } = process.cpuUsage(cpu);
  console.log((user + system) / 1e6);
  process.exit();
})`;

it('leaves a busy process no more than its share', async () => {
  const child = spawn(process.execPath, ['-e', SPIN], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const limit = throttle(child.pid as number, 0.3);
  child.stdin.write('go');
  const printed = await text(child.stdout);
  await exited;
  limit.end();
  // One second, and the rest of the period in which it ended.
  expect(Number(printed)).toBeGreaterThan(0);
  expect(Number(printed)).toBeLessThan(0.4);
});
