import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRunning } from '../../../../setup/process-start.mjs';
import { freePort } from '../../../processes/free-port.ts';
import { makeOtherApp } from './other-app.ts';
import { nothingLost, Place, StartRun } from './start-run.ts';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.remove());

it('--once --json --app rolls any server, is green, prints one line, and leaves nothing anywhere', { timeout: 480_000 }, async () => {
  makeOtherApp(path.join(place.folder, 'below', 'other-app'), { probes: true });
  const port = await freePort();
  const run = new StartRun(place, ['--once', '--json', '--app', '../other-app', '--users', '50', '--port', String(port)], {
    env: { npm_lifecycle_event: 'start', INIT_CWD: path.join(place.folder, 'below', 'deeper') },
  });
  await run.hasSaid(`logging in 50 virtual users at https://localhost:${port}`, 300_000);
  const before = run.tree();
  const cloud = place.cloud();

  const second = await new StartRun(place, ['--once', '--json']).ended();
  expect([second.code, second.lines.map((line) => JSON.parse(line) as unknown)]).toEqual([
    1,
    [{ error: { code: 'AlreadyUp', message: expect.stringContaining(`process ${cloud?.pid}, ${cloud?.pageUrl}`) } }],
  ]);
  expect(await (await fetch(`${cloud?.pageUrl}api/cloud`)).text()).toContain(String(port));

  const { code, lines, stderr } = await run.ended();
  expect([code, lines.length], stderr).toEqual([0, 1]);
  expect(JSON.parse(lines[0] as string)).toMatchObject(nothingLost(50));
  expect([before.filter(isRunning), place.processes(), place.runs(), place.cloud()]).toEqual([[], [], [], undefined]);
  // What a program writes to its home or to the place for temporary files would lie there.
  expect([readdirSync(place.home), readdirSync(place.temporary)]).toEqual([[], []]);
});
