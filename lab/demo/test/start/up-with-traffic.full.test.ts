/** `holdfast up --traffic` as two people have it: one sends the traffic, the other one ends or kills the cloud. */
import { describe, expect, it, type TestContext } from 'vitest';
import { Place, StartRun } from './start-run.ts';

const LIMIT = { timeout: 300_000 };
const FIGURES = /: \d+ requests, 0 failed, 0 of 20 sessions lost$/;

async function upIn({ onTestFinished }: TestContext) {
  const place = new Place();
  onTestFinished(() => place.remove());
  const holdfast = (...args: string[]) => new StartRun(place, [...args, '--json'], { script: 'bin/main.ts' });
  const up = holdfast('up', '--traffic', '20');
  await up.hasSaid('20 users are logged in', 240_000);
  return { place, up, holdfast };
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe('up --traffic', () => {
  it('has nothing that doctor warns of, and ends with down, with one sentence', LIMIT, async (context) => {
    const { place, up, holdfast } = await upIn(context);
    const doctor = await holdfast('doctor').ended();
    const { findings } = JSON.parse(doctor.lines[0] ?? '{}') as { findings: { severity: string; what: string }[] };
    expect([doctor.code, findings.filter(({ severity }) => severity !== 'ok' && severity !== 'notice')]).toEqual([0, []]);
    const pid = place.cloud()?.pid;
    expect((await holdfast('down').ended()).code).toBe(0);
    const { code, lines, stderr } = await up.ended();
    expect([code, lines.length]).toEqual([0, 1]);
    expect(lastLine(stderr)).toMatch(FIGURES);
    expect(lastLine(stderr)).toContain(`the local cloud (process ${pid}) has stopped, and the traffic with it`);
    expect([place.processes(), place.runs(), place.cloud()]).toEqual([[], [], undefined]);
  });

  it('fails when the cloud is killed, with one sentence', LIMIT, async (context) => {
    const { place, up } = await upIn(context);
    const pid = place.cloud()?.pid as number;
    process.kill(pid, 'SIGKILL');
    const { code, lines, stderr } = await up.ended();
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lastLine(stderr)).toMatch(FIGURES);
    expect(lastLine(stderr)).toContain(`the local cloud (process ${pid}) ended unexpectedly`);
  });
});
