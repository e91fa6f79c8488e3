/** Which fleet is priced, and which stacks it uses: its own and the shared ones. */
import { RECORDS_ENV } from '../../functions/records/environment.ts';
import { chooseFleet } from '../choose-fleet.ts';
import { type Assembly, at, findResources, type Stack } from './template.ts';

/** Fleets of the assembly's functions, in alphabetical order. */
function fleetNames({ stacks }: Assembly): string[] {
  const named = findResources(stacks, 'AWS::Lambda::Function').map(({ properties }) =>
    at(properties, 'Environment', 'Variables', RECORDS_ENV.fleet),
  );
  return [...new Set(named.filter((name) => typeof name === 'string'))].sort();
}

/** @throws CommandFailure UnknownFleet */
export const chooseAssembledFleet = (assembly: Assembly, asked?: string): string =>
  chooseFleet({ names: fleetNames(assembly), holder: 'The assembly', notOne: 'does not have exactly one fleet' }, asked);

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
