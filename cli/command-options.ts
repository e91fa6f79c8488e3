import { fleetOptions, holdfast, type Installed } from '../functions/shared/command-options.ts';
import { STORE_PART } from '../functions/shared/naming.ts';

/** What a printed command needs to reach the same fleet again; empty in a local cloud without one. */
export const optionsOf = ({ fleet, ...installed }: Installed & { readonly fleet: string }): string =>
  fleetOptions(fleet === STORE_PART ? undefined : fleet, installed);

/** A command for the same fleet, as it is printed. */
export const commandFor = (place: Parameters<typeof optionsOf>[0], words: string): string => holdfast(`${words} ${optionsOf(place)}`);
