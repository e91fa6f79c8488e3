/** `--emulator localstack` of `npm start` and of `holdfast up`. */
import { homedir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { whyNoLocalStack } from '../../../../setup/localstack.mjs';
import { isRunning } from '../../../../setup/process-start.mjs';
import { nothingLost, Place, StartRun } from './start-run.ts';

const EMULATOR = ['--emulator', 'localstack'];
/** The place has a home of its own, without the user's pyenv. */
const env = { PYENV_ROOT: process.env['PYENV_ROOT'] ?? path.join(homedir(), '.pyenv') };
/** With the set-up of LocalStack. */
const LIMIT = { timeout: 900_000 };

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.remove());

it.skipIf(whyNoLocalStack() !== undefined)(
  'npm start --once rolls a release under traffic on LocalStack, and leaves nothing',
  LIMIT,
  async () => {
    const run = new StartRun(place, ['--once', '--json', '--users', '50', ...EMULATOR], { env });
    await run.hasSaid('logging in 50 virtual users', 600_000);
    const before = run.tree();
    const { code, lines, stderr } = await run.ended();
    expect([code, lines.length], stderr).toEqual([0, 1]);
    expect(JSON.parse(lines[0] as string)).toMatchObject(nothingLost(50));
    expect([before.filter(isRunning), place.processes(), place.runs(), place.cloud()]).toEqual([[], [], [], undefined]);
  },
);

it.skipIf(whyNoLocalStack() !== undefined)(
  'holdfast up leaves LocalStack running for other commands, and down ends it',
  LIMIT,
  async () => {
    const holdfast = (...args: string[]) => new StartRun(place, [...args, '--json'], { env, script: 'bin/main.ts' }).ended();
    const up = await holdfast('up', ...EMULATOR);
    expect(up.code, up.stderr).toBe(0);
    const status = await holdfast('status');
    expect(status.code, status.stderr).toBe(0);
    expect(JSON.parse(status.lines[0] as string)).toMatchObject({ currentVersion: '1.0.0' });
    expect((await holdfast('down')).code).toBe(0);
    expect([place.processes(), place.runs(), place.cloud()]).toEqual([[], [], undefined]);
  },
);
