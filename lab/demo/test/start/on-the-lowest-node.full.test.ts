/** `npm start` on the lowest Node that a platform gets. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureLowestNode } from '../../../../setup/set-up.mjs';
import { nothingLost, Place, StartRun } from './start-run.ts';

const lowest = await ensureLowestNode();

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.remove());

const title = `npm start --once rolls a release under traffic on Node.js ${lowest.version}`;
it.skipIf('missing' in lowest)(`${title}${'missing' in lowest ? ` (${lowest.missing})` : ''}`, { timeout: 300_000 }, async () => {
  const node = 'path' in lowest ? lowest.path : '';
  const env = { PATH: `${path.dirname(node)}:${process.env['PATH']}` };
  const { code, lines, stderr } = await new StartRun(place, ['--once', '--json', '--users', '50'], { node, env }).ended();
  expect([code, lines.length], stderr).toEqual([0, 1]);
  expect(JSON.parse(lines[0] as string)).toMatchObject(nothingLost(50));
});
