import { describe, expect, it } from 'vitest';
import { type Faults, faultRoutes } from '../views/fault-routes.ts';

function faults(): Faults & { readonly set: Set<string> } {
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
  };
}

const send = (to: Faults, path: string, body: unknown, ...names: string[]) =>
  faultRoutes(async () => to)
    .find((route) => route.path === path)
    ?.answer({ connect: () => Promise.reject(new Error('no cloud is read')), nowMs: 0, names, query: new URLSearchParams(), body });

describe("the console's faults", () => {
  it('are listed, set and cleared', async () => {
    const own = faults();
    expect(await send(own, 'faults', undefined)).toMatchObject({ faults: [{ set: false }] });
    expect(await send(own, 'faults/:', {}, 'store-down')).toMatchObject({ faults: [{ name: 'store-down', set: true }] });
    expect(await send(own, 'faults/clear', {})).toMatchObject({ faults: [{ set: false }], left: [] });
  });

  it('take no input', async () => {
    const own = faults();
    await expect(send(own, 'faults/:', { fleet: 'web' }, 'store-down')).rejects.toThrow('not valid');
    expect(own.set.size).toBe(0);
  });
});
