import { holdfast } from '../functions/shared/command-options.ts';
import { STORE_PART } from '../functions/shared/naming.ts';
import type { Cloud } from './cloud.ts';

/** What a printed command needs to reach the same fleet again; empty in a local cloud without one. */
export const optionsOf = ({ fleet, local, region, installation }: Pick<Cloud, 'fleet' | 'local' | 'region' | 'installation'>): string =>
  [...(fleet === STORE_PART ? [] : [`--fleet ${fleet}`]), ...(local ? [] : [`--region ${region} --installation ${installation}`])].join(
    ' ',
  );

/** A command for the same fleet, as it is printed. */
export const commandFor = (place: Parameters<typeof optionsOf>[0], words: string): string => holdfast(`${words} ${optionsOf(place)}`);
