import { SHOP } from '../functions/canary/memory-site.ts';

/** A canary as a configuration has it. */
export const canaryConfig = (more: object = {}, recipe: object = {}) => ({
  url: 'https://shop.example.com/',
  recipe: {
    ...SHOP,
    policy: { sessionsPerUser: 3, idleSeconds: 1_800, absoluteSeconds: 43_200, sameSite: 'Strict' as const },
    ...recipe,
  },
  ...more,
});
