import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CloudState } from '../../../cli/cloud-state.ts';
import { configFileOf } from '../../../cli/releases/releases.ts';

const LOCAL = async () => ({ runFolder: '/run/local' }) as CloudState;

describe('the configuration that a WAR is published with', () => {
  it("is the local cloud's while one is up", async () => {
    expect(await configFileOf({}, LOCAL)).toBe('/run/local/holdfast.config.json');
  });

  it("is the checkout's on AWS, also while a local cloud is up, and without one", async () => {
    const own = await configFileOf({}, async () => undefined);
    expect(own).toBe(resolve('holdfast.config.json'));
    expect(await configFileOf({ region: 'eu-west-1' }, LOCAL)).toBe(own);
  });

  it('is the one that is named', async () => {
    expect(await configFileOf({ config: 'shop.json' }, LOCAL)).toBe(resolve('shop.json'));
  });
});
