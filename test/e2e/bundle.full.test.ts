/** CodeDeploy bundles on servers that keep their own service: adopted, deployed under traffic, and rolled back. @see lab/bench/deploy/bundle */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstRun } from '../../lab/bench/deploy/bundle/cases.ts';
import { type BundleCaseName, unmetByBundle } from '../../lab/bench/deploy/bundle/judge-bundles.ts';
import { runCase } from '../../lab/bench/deploy/bundle/run-case.ts';
import { INSTALLATION, openStand, type Stand } from '../../lab/bench/deploy/bundle/stand.ts';
import { commandsOf } from '../../lab/rehearse/read-steps.ts';
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

/** The commands of the page as a person types them; its bundles are made, since nobody has theirs. */
it('is adopted and deployed by the commands of docs/from-codedeploy.md', { timeout: 400_000 }, async () => {
  const [fleet] = stand.fleets;
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/from-codedeploy.md'), 'utf8');
  const statuses: (number | undefined)[] = [];
  for (const [holdfast, ...words] of commandsOf(page.replaceAll(/^ {3}/gm, ''))) {
    expect(holdfast).toBe('./holdfast');
    const [command, publish, version = '', folder, ...options] = words;
    if (command !== 'releases') statuses.push((await fleet?.holdfast(...words))?.code);
    else {
      expect([publish, folder]).toEqual(['publish', `./bundle-${version}`]);
      await fleet?.publish(version, {}, ...options);
      run.last = Number(version.split('.').at(-1));
    }
  }
  expect(statuses).toEqual([0, 0]);
  const records = await fleet?.store.records.latestDeploys(fleet.kind.name, 2);
  expect(records?.map(({ to, status, adopt }) => [to, status, adopt])).toEqual([
    ['1.4.2', 'SUCCEEDED', undefined],
    ['1.4.1', 'SUCCEEDED', 'equal'],
  ]);
  run.current = '1.4.2';
});

describe('a fleet of bundles', () => {
  const cases: readonly BundleCaseName[] = ['second', 'bad-hook'];

  it.each(cases)('%s: no request fails, and every server has one release', { timeout: 400_000 }, async (name) => {
    const [fleet] = stand.fleets;
    if (!fleet) throw new Error('no fleet');
    expect(unmetByBundle(await runCase(name, fleet, run, () => {}))).toEqual([]);
  });
});
