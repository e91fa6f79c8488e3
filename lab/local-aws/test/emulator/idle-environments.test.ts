/** A MiniStack of its own: environments end too early for the other suites. */
import { afterAll, beforeAll } from 'vitest';
import { describeIdleEnvironments, IDLE_MS } from './idle-suite.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld([], undefined, { idleEnvironmentMs: IDLE_MS });
});
afterAll(() => world?.stop());

describeIdleEnvironments(() => world);
