/** Time-outs of the hardened example, shortened by its settings, in real time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../e2e/full-run.ts';
import { keepSessions } from './keep-sessions.ts';
import { type NodeSites, startNodeSites } from './node-sites.ts';
import type { MakePlant } from './plants/plants.ts';
import { TIME_OUT_PLANTS } from './plants/time-out-plants.ts';
import { recipeOf } from './recipes.ts';

const COOKIE = '__Host-SID';
const POLICY = { idleSeconds: 10, absoluteSeconds: 30 };
const AS_PROMISED = { SESSION_IDLE_SECONDS: '10', SESSION_ABSOLUTE_SECONDS: '30' };

let sites: NodeSites;
beforeAll(async () => {
  sites = await startNodeSites();
});
afterAll(() => sites.stop());

let runs = 0;
async function keep(settings: Record<string, string>, plant?: MakePlant) {
  const front = await sites.front('hardened-node-app', { settings, ...(plant && { plant: (send) => plant(COOKIE, send) }) });
  const recipe = recipeOf({ httpUrl: front.httpUrl, run: `${++runs}`, policy: POLICY });
  return keepSessions({ url: front.url, recipe, ca: sites.ca }, { everyMs: 1_000, forMs: 36_000, cookie: COOKIE });
}

describe.skipIf(!FULL)('kept sessions', { timeout: 120_000 }, () => {
  it.concurrent('show that time-outs are as promised', async () => {
    const { findings, held, vanished } = await keep(AS_PROMISED);
    expect({ findings, vanished }).toEqual({ findings: [], vanished: 0 });
    expect(held.some((what) => what.startsWith('the absolute time-out ended'))).toBe(true);
    expect(held.some((what) => what.startsWith('the idle time-out ended'))).toBe(true);
    expect(held.some((what) => what.startsWith('a session outlives'))).toBe(true);
  });

  it.concurrent.each([
    ['ends-too-early', { ...AS_PROMISED, SESSION_IDLE_SECONDS: '4' }, undefined],
    ['no-absolute-end', { ...AS_PROMISED, SESSION_ABSOLUTE_SECONDS: '600' }, undefined],
    ['no-idle-end', AS_PROMISED, TIME_OUT_PLANTS['no-idle-end']],
    ['ends-while-active', AS_PROMISED, TIME_OUT_PLANTS['ends-while-active']],
  ] as const)('show %s', async (finding, settings, plant) => {
    expect((await keep(settings, plant)).findings).toEqual([finding]);
  });
});
