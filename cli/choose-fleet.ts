/** Which fleet a command works on: the one that was asked for, or the only one. */
import { CommandFailure, didYouMean, EXIT } from './failure.ts';

export interface Fleets {
  readonly names: readonly string[];
  /** What has them, as the subject of a sentence: `The assembly`. */
  readonly holder: string;
  /** Why none can be chosen where none was asked for, as the rest of that sentence: `has several fleets`. */
  readonly notOne: string;
  /** What was left as it is, as a sentence. */
  readonly unchanged?: string;
}

/** @throws CommandFailure UnknownFleet */
export function chooseFleet({ names, holder, notOne, unchanged }: Fleets, asked?: string): string {
  const chosen = asked ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  const problem = chosen === undefined ? notOne : `has no fleet ${chosen}`;
  const known = names.length === 0 ? 'none' : names.join(', ');
  throw new CommandFailure(
    'UnknownFleet',
    `${holder} ${problem}. It has ${known}.${didYouMean(asked ?? '', names)}${unchanged === undefined ? '' : ` ${unchanged}`} Choose one with --fleet.`,
    EXIT.badInput,
  );
}

/** @throws CommandFailure UnknownFleet */
export const chooseConfiguredFleet = ({ fleets }: { readonly fleets: object }, asked?: string): string =>
  chooseFleet({ names: Object.keys(fleets), holder: 'The configuration', notOne: 'has several fleets' }, asked);
