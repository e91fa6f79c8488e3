/** Draws what a calm deploy depends on. */
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import type { Installations } from '../installation/installation-file.ts';
import { seededRandom } from '../kernel/random.ts';
import type { CalmDeploy } from './calm-deploy.ts';

/** Every third seed has the default settings, and every fourth has existing servers, which the deploy prepares. */
export function drawCalmDeploy(seed: number, { created, existing }: Installations): CalmDeploy {
  const random = seededRandom(seed, 'calm deploy');
  const installation = seed % 4 === 0 ? existing : created;
  const servers = random.whole(3, 9);
  if (seed % 3 === 0)
    return { seed, installation, servers, settings: {}, healthCheckSeconds: installation.targetGroup.healthCheck.intervalSeconds };
  return {
    seed,
    installation,
    servers,
    settings: {
      drainFloorSeconds: random.whole(0, 60),
      quietSeconds: random.whole(10, 60),
      drainSliceSeconds: random.whole(8, 20),
      bakeSeconds: random.whole(0, 120),
      healthyInARow: random.whole(2, 5),
      settleSeconds: random.whole(60, 600),
    },
    healthCheckSeconds: random.whole(5, 30),
  };
}

/** What the estimate reads from a fleet's templates. */
export const timesOf = ({ installation, settings, healthCheckSeconds }: CalmDeploy) => ({
  settings: deploySettings.parse(settings),
  healthCheckSeconds,
  prepares: installation.prepares,
});
