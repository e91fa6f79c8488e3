/** Commands that a report prints: they work as printed, in the local cloud and on AWS. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import type { Place } from './incident-page.ts';

/** What each command of Holdfast needs to reach a fleet again, or an installation that has none. */
export const optionsFor = ({ installation, region, local, fleets }: Place, fleet: string): string =>
  [...(fleets.length > 0 ? [`--fleet ${fleet}`] : []), ...(local ? [] : [`--region ${region} --installation ${installation}`])].join(' ');

/** Prints the names and ARNs of a fleet's resources, where the evidence does not have them. */
export function namesCommand(place: Place, fleet: string): string {
  const options = optionsFor(place, fleet);
  return holdfast(`status --names ${options}`);
}

/** Undefined in the local cloud where its endpoint is not known: a command without it would go to AWS. */
export function aws(words: string, { region, local, awsOptions, awsEnvironment }: Place): string | undefined {
  if (local && awsOptions === undefined) return undefined;
  return `${awsEnvironment ? `${awsEnvironment} ` : ''}aws ${words} ${awsOptions ?? `--region ${region}`}`;
}
