/** `holdfast up --traffic` as two people have it: one sends the traffic, the other one ends the cloud. */
import { expect, it, onTestFinished } from 'vitest';
import { Place, StartRun } from './start-run.ts';

it('up --traffic has nothing that doctor warns of, and ends with down, with one sentence', { timeout: 300_000 }, async () => {
  const place = new Place();
  onTestFinished(() => place.remove());
  const holdfast = (...args: string[]) => new StartRun(place, [...args, '--json'], { script: 'bin/main.ts' });
  const up = holdfast('up', '--traffic', '20');
  await up.hasSaid('20 users are logged in', 240_000);
  const doctor = await holdfast('doctor').ended();
  const { findings } = JSON.parse(doctor.lines[0] ?? '{}') as { findings: { severity: string; what: string }[] };
  expect([doctor.code, findings.filter(({ severity }) => severity !== 'ok' && severity !== 'notice')]).toEqual([0, []]);
  const pid = place.cloud()?.pid;
  expect((await holdfast('down').ended()).code).toBe(0);
  const { code, lines, stderr } = await up.ended();
  expect([code, lines.length]).toEqual([0, 1]);
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  expect(last).toMatch(/: \d+ requests, 0 failed, 0 of 20 sessions lost$/);
  expect(last).toContain(`the local cloud (process ${pid}) has stopped, and the traffic with it`);
  expect([place.processes(), place.runs(), place.cloud()]).toEqual([[], [], undefined]);
});
