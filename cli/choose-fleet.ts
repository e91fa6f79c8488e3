/** Which fleet a command works on: the one that was asked for, or the only one. */
import { STORE_PART } from '../functions/shared/naming.ts';
import { badInput, didYouMean } from './failure.ts';

export interface Fleets {
  readonly names: readonly string[];
  /** What has them, as the subject of a sentence: `The assembly`. */
  readonly holder: string;
  /** Why none can be chosen where none was asked for, as the rest of that sentence: `has several fleets`. */
  readonly notOne: string;
  /** What was left as it is, as a sentence. */
  readonly unchanged?: string;
}

/** What works where no fleet is, as a list in a sentence. */
const WITHOUT_FLEET = 'store, sweep, sweeps, incidents, status, doctor, canary, config validate and version';

/** @throws CommandFailure UnknownFleet, NoFleet */
export function chooseFleet({ names, holder, notOne, unchanged }: Fleets, asked?: string): string {
  const chosen = asked ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  if (names.length === 0)
    throw badInput(
      'NoFleet',
      `${holder} has no fleet${asked === undefined ? '' : ` ${asked}, nor another one`}: Holdfast watches a session store there.${unchanged === undefined ? '' : ` ${unchanged}`} These commands need no fleet: ${WITHOUT_FLEET}.`,
    );
  const problem = chosen === undefined ? notOne : `has no fleet ${chosen}`;
  throw badInput(
    'UnknownFleet',
    `${holder} ${problem}. It has ${names.join(', ')}.${didYouMean(asked ?? '', names)}${unchanged === undefined ? '' : ` ${unchanged}`} Choose one with --fleet.`,
  );
}

/**
 * @param usual the fleet where none was asked for, if it is there
 * @returns STORE_PART where there is no fleet, and none was asked for
 * @throws CommandFailure UnknownFleet, NoFleet
 */
export function chooseConfiguredFleet({ fleets }: { readonly fleets: object }, asked?: string, usual?: string): string {
  const names = Object.keys(fleets);
  if (names.length === 0 && asked === undefined) return STORE_PART;
  return chooseFleet({ names, holder: 'The configuration', notOne: 'has several fleets' }, asked ?? usual);
}
