/** CodeDeploy bundles on servers that keep their own service: adopted, deployed under traffic, and rolled back. @see lab/bench/deploy/bundle */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstRun } from '../../lab/bench/deploy/bundle/cases.ts';
import { type BundleCaseName, unmetByBundle } from '../../lab/bench/deploy/bundle/judge-bundles.ts';
import { runCase } from '../../lab/bench/deploy/bundle/run-case.ts';
import { INSTALLATION, openStand, type Stand } from '../../lab/bench/deploy/bundle/stand.ts';
import { notingRefusals } from './deliberate-denials.ts';
import { kept } from './fleet.ts';

const folder = path.join(kept.runFolder, 'bundles');
const stopped = new AbortController();
const run = firstRun();
let stand: Stand;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  stand = await openStand({ state: kept, folder, kinds: ['node'], log: () => {}, signal: stopped.signal });
}, 300_000);
afterAll(async () => {
  if (stand) await notingRefusals(INSTALLATION, () => stand.close());
  stopped.abort();
}, 180_000);

describe('a fleet of bundles', () => {
  const cases: readonly BundleCaseName[] = ['adopted-first-deploy', 'bad-hook', 'failed-stop', 'redelivered'];

  it.each(cases)('%s: no request fails, and every server has one release', { timeout: 400_000 }, async (name) => {
    const [fleet] = stand.fleets;
    if (!fleet) throw new Error('no fleet');
    expect(unmetByBundle(await runCase(name, fleet, run, () => {}))).toEqual([]);
  });
});
