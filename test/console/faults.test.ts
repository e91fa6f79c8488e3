import { describe, expect, it } from 'vitest';
import { clearFaults, type FaultBackend, injectFault, readFaults } from '../../console/faults.ts';

function backend(): FaultBackend & { readonly set: Set<string> } {
  const set = new Set<string>();
  return {
    set,
    list: async () => [
      {
        ...{ name: 'store-down', sentence: 'It hangs.', runbook: 'store-failure', cause: 'store-down', restartsServers: false },
        set: set.has('store-down'),
      },
    ],
    inject: async (name) => void set.add(name),
    clear: async () => ({ cleared: [...set], left: set.delete('store-down') ? [] : ['nothing'] }),
    tries: async () => [],
  };
}

describe("the console's faults", () => {
  it('are listed, set and cleared', async () => {
    const faults = backend();
    expect(await injectFault(faults, 'store-down', {})).toMatchObject({ faults: [{ name: 'store-down', set: true }] });
    expect(await clearFaults(faults, {})).toMatchObject({ faults: [{ set: false }], left: [] });
  });

  it('are none outside the local cloud, where no button changes anything', async () => {
    expect(await readFaults(undefined)).toEqual({ faults: [] });
    await expect(injectFault(undefined, 'store-down', {})).rejects.toThrow('faults are for the local cloud alone; nothing was changed');
    await expect(clearFaults(undefined, {})).rejects.toThrow('nothing was changed');
  });

  it('take no input', async () => {
    const faults = backend();
    await expect(injectFault(faults, 'store-down', { fleet: 'web' })).rejects.toThrow('it takes no input; nothing was changed');
    expect(faults.set.size).toBe(0);
  });
});
