/** The soak in short; `npm run soak -- --deploys 50 --json` is the long one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readCloudState } from '../../cli/cloud-state.ts';
import { runSoak } from '../../lab/soak/run-soak.ts';
import { cloud, kept, publish, untilHealthy } from './fleet.ts';

beforeAll(async () => {
  await untilHealthy(3);
  await publish('7.0.0');
  await publish('7.1.0');
});

describe('deploys in a row', () => {
  it('leak no process, port, file, folder or memory', { timeout: 500_000 }, async () => {
    const state = await readCloudState();
    if (!state) throw new Error('the kept cloud has no state');
    const { loadBalancerUrl } = kept;
    const result = await runSoak({ cloud: await cloud(), state, loadBalancerUrl, releases: ['7.0.0', '7.1.0'], deploys: 3, log: () => {} });
    expect(result).toMatchObject({ deploys: 3, failed: 0, leaks: [] });
  });
});
