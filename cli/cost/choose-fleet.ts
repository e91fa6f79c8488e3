/** Which fleet is priced, and which stacks are its own, which are shared, and which are another fleet's. */
import { ENV } from '../../functions/deploy/contract.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { type Assembly, at, findResources, type Stack } from './template.ts';

/** Fleets that the assembly's functions work for, in alphabetical order. */
function fleetNames({ stacks }: Assembly): string[] {
  const named = findResources(stacks, 'AWS::Lambda::Function').map(({ properties }) =>
    at(properties, 'Environment', 'Variables', ENV.fleet),
  );
  return [...new Set(named.filter((name) => typeof name === 'string'))].sort();
}

/**
 * The fleet asked for; without one the assembly's only fleet.
 * @throws CommandFailure UnknownFleet
 */
export function chooseFleet(assembly: Assembly, asked?: string): string {
  const fleets = fleetNames(assembly);
  const chosen = asked ?? (fleets.length === 1 ? fleets[0] : undefined);
  if (chosen !== undefined && fleets.includes(chosen)) return chosen;
  const problem = chosen === undefined ? 'the assembly has not one fleet alone' : `the assembly has no fleet ${chosen}`;
  const known = fleets.length === 0 ? 'it has none' : `it has ${fleets.join(', ')}`;
  throw new CommandFailure('UnknownFleet', `${problem}: ${known}; name one of them with --fleet`, EXIT.badInput);
}

/** The shared stacks and those of `fleet`, which are named `INSTALLATION-FLEET-…`. */
export function stacksOfFleet(assembly: Assembly, fleet: string): Stack[] {
  const fleets = fleetNames(assembly);
  return assembly.stacks.filter(({ name }) => [undefined, fleet].includes(ownerOf(name, assembly.installation, fleets)));
}

/** The longest name fits best: `web-admin` has a stack that `web` seems to have, too. */
function ownerOf(stackName: string, installation: string, fleets: readonly string[]): string | undefined {
  const fitting = fleets.filter((fleet) => stackName.startsWith(`${installation}-${fleet}-`));
  return fitting.sort((a, b) => b.length - a.length)[0];
}
