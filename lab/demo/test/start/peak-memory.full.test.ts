/** `npm start -- --once --json` reports what it took at its peak: the sum of the resident sets of all processes. */
import { afterAll, expect, it } from 'vitest';
import { MOST_MB } from './most-memory.ts';
import { nothingLost, Place, StartRun } from './start-run.ts';

const place = new Place();
afterAll(() => place.remove());

it(`a deploy under the traffic of 200 users takes at most ${MOST_MB} MB`, async () => {
  const { code, lines, stderr } = await new StartRun(place, ['--once', '--json']).ended();
  expect(code, stderr).toBe(0);
  const summary = JSON.parse(lines.at(-1) ?? '') as { readonly peakRssMb: number };
  expect(summary).toMatchObject(nothingLost(200));
  // Less than the servers, the emulator and the traffic need: a figure that left some of them out would be lower.
  expect(summary.peakRssMb).toBeGreaterThan(600);
  expect(summary.peakRssMb).toBeLessThanOrEqual(MOST_MB);
}, 600_000);
