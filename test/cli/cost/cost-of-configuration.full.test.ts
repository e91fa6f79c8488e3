/** `holdfast cost --config` in this process, whose environment is not empty: what is estimated is synthesized by the cdk CLI. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cost } from '../../../cli/cost/cost.ts';
import type { Output } from '../../../cli/output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-cost-'));
  vi.stubEnv('AWS_PROFILE', 'nobody');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('synthesizes the templates of a configuration without a profile or a cloud, reports it, and deletes what that wrote', async () => {
  const [config, workFolder] = [path.join(folder, 'config.json'), path.join(folder, 'work')];
  writeFileSync(config, JSON.stringify({ fleets: { shop: { allowPlainHttp: true, minCapacity: 5 } } }));
  const printed = { progress: [] as string[], value: undefined as unknown };
  const output: Output = {
    json: true,
    at: () => {},
    print: () => {},
    progress: (line) => void printed.progress.push(line),
    result: (value) => {
      printed.value = value;
    },
    view: () => ({ show: () => {} }),
  };
  await cost({ config, workFolder }, output);
  expect(printed.progress).toEqual(['synthesizing the templates, which takes a few seconds']);
  expect(printed.value).toMatchObject({ cost: { assumptions: { fleet: 'shop', servers: 5, region: 'us-east-1', notPriced: [] } } });
  // There is a folder only where the command made one.
  expect(readdirSync(workFolder)).toEqual([]);
}, 180_000);
