/** Which fleet is priced, and which stacks it uses: its own and the shared ones. */
import { RECORDS_ENV } from '../../functions/records/environment.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { type Assembly, at, findResources, type Stack } from './template.ts';

/** Fleets of the assembly's functions, in alphabetical order. */
function fleetNames({ stacks }: Assembly): string[] {
  const named = findResources(stacks, 'AWS::Lambda::Function').map(({ properties }) =>
    at(properties, 'Environment', 'Variables', RECORDS_ENV.fleet),
  );
  return [...new Set(named.filter((name) => typeof name === 'string'))].sort();
}

/**
 * The requested fleet, or the assembly's only one.
 * @throws CommandFailure UnknownFleet
 */
export function chooseFleet(assembly: Assembly, asked?: string): string {
  const fleets = fleetNames(assembly);
  const chosen = asked ?? (fleets.length === 1 ? fleets[0] : undefined);
  if (chosen !== undefined && fleets.includes(chosen)) return chosen;
  const problem = chosen === undefined ? 'The assembly does not have exactly one fleet' : `The assembly has no fleet ${chosen}`;
  const known = fleets.length === 0 ? 'It has none' : `It has ${fleets.join(', ')}`;
  throw new CommandFailure('UnknownFleet', `${problem}. ${known}. Choose one with --fleet.`, EXIT.badInput);
}

/** The shared stacks and those of `fleet`, which are named `INSTALLATION-FLEET-…`. */
export function stacksOfFleet(assembly: Assembly, fleet: string): Stack[] {
  const fleets = fleetNames(assembly);
  return assembly.stacks.filter(({ name }) => [undefined, fleet].includes(ownerOf(name, assembly.installation, fleets)));
}

/** The longest matching name: a stack of `web-admin` also begins like one of `web`. */
function ownerOf(stackName: string, installation: string, fleets: readonly string[]): string | undefined {
  const fitting = fleets.filter((fleet) => stackName.startsWith(`${installation}-${fleet}-`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}
