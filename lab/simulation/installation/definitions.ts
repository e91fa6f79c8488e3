/** The machines of an installation as Step Functions is given them. */
import { checkDefinition } from '../asl/check-definition.ts';
import type { Definition } from '../asl/definition.ts';
import type { Machine } from '../cloud/step-functions.ts';
import { FUNCTIONS, type FunctionName, type Installation, MACHINES, type MachineName } from './installation.ts';

export type CheckedMachines = Readonly<Record<MachineName, Machine>>;

/** The function behind each ARN that definitions, rules and schedules have. */
export function functionsByArn({ functions }: Installation): ReadonlyMap<string, FunctionName> {
  return new Map(FUNCTIONS.flatMap((name) => (functions[name]?.arns ?? []).map((arn) => [arn, name] as const)));
}

/** @throws NotImplemented naming what the interpreter lacks */
export function checkedMachines(installation: Installation): CheckedMachines {
  const functions = functionsByArn(installation);
  const machines = new Set(MACHINES.flatMap((name) => [installation.machines[name].arn, installation.machines[name].versionArn]));
  const callable = { isFunction: (arn: string) => functions.has(arn), isMachine: (arn: string) => machines.has(arn) };
  const entries = MACHINES.map((name): [MachineName, Machine] => {
    const { arn, versionArn, definition } = installation.machines[name];
    return [name, { arn, versionArn, definition: checkDefinition(name, definition, callable) }];
  });
  return Object.fromEntries(entries) as CheckedMachines;
}

/** For {@link everyState} and {@link everyCatch}. */
export function definitionsOf(machines: CheckedMachines): Readonly<Record<MachineName, Definition>> {
  const entries = MACHINES.map((name) => [name, machines[name].definition] as const);
  return Object.fromEntries(entries) as Record<MachineName, Definition>;
}
