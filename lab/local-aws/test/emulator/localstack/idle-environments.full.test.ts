/** A LocalStack of its own: environments end too early for the other suites. */
import { afterAll, beforeAll, describe } from 'vitest';
import { ensureLocalStack, whyNoLocalStack } from '../../../../../setup/localstack.mjs';
import { describeIdleEnvironments, IDLE_MS } from '../idle-suite.ts';
import { startWorld, type World } from '../world.ts';

/** The first use on a machine installs LocalStack: 375 MB. */
const LIMIT_MS = 600_000;

describe.skipIf(whyNoLocalStack() !== undefined)('LocalStack', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([], await ensureLocalStack(), { idleEnvironmentMs: IDLE_MS });
  }, LIMIT_MS);
  afterAll(() => world?.stop());

  describeIdleEnvironments(() => world);
});
