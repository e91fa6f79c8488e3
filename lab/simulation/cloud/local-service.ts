/** Operations of the local cloud as a simulated service: the same code answers in both worlds. */
import type { CallContext, Operation } from '#local-aws/service/service.ts';
import type { Service } from '../seam/call.ts';

const CALLER: CallContext = { region: 'eu-central-1', accountId: '000000000000', accessKeyId: 'simulation' };

/** @param operations of a service of the local cloud; those that wait for something end the run */
export function localService(operations: Readonly<Record<string, Operation>>): Service {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      (input: Record<string, unknown>): object => {
        const output = operation(input, CALLER) ?? {};
        if (output instanceof Promise) throw new Error(`the operation ${name} of the local cloud waits: it cannot be simulated`);
        return output;
      },
    ]),
  );
}

/** The operations of these names; any other one that is called ends the run. @throws Error for one that the local cloud lacks */
export function only<T>(operations: Readonly<Record<string, T>>, ...names: readonly string[]): Record<string, T> {
  return Object.fromEntries(
    names.map((name) => {
      const operation = operations[name];
      if (operation === undefined) throw new Error(`the local cloud has no operation ${name}`);
      return [name, operation];
    }),
  );
}
