import { BUNDLE_PLANTS } from './bundle-plants.ts';
import { FINAL_STATE_PLANTS } from './final-state-plants.ts';
import { LIVENESS_PLANTS } from './liveness-plants.ts';
import { PAUSE_PLANTS } from './pause-plants.ts';
import { PEOPLE_PLANTS } from './people-plants.ts';
import type { Plant } from './plant.ts';
import { SAFETY_PLANTS } from './safety-plants.ts';
import { SESSION_PLANTS } from './session-plants.ts';
import { SEVERAL_PLANTS } from './several-plants.ts';

/** Faults of the engine that the simulation has to find. */
export const PLANTS: readonly Plant[] = [
  ...SAFETY_PLANTS,
  ...FINAL_STATE_PLANTS,
  ...LIVENESS_PLANTS,
  ...SESSION_PLANTS,
  ...SEVERAL_PLANTS,
  ...PAUSE_PLANTS,
  ...PEOPLE_PLANTS,
  ...BUNDLE_PLANTS,
];
