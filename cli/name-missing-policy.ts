import { policyName } from '../functions/shared/naming.ts';
import { isDenied, type Refused } from './aws-errors.ts';

/** Calls that the reader's policy allows; the operator's policy allows the others. */
const READING = new Set(['GetItemCommand', 'QueryCommand', 'DescribeExecutionCommand', 'GetObjectCommand']);

type Next = (args: object) => Promise<{ response: unknown; output: object }>;
interface Client {
  readonly middlewareStack: {
    add(middleware: (next: Next, context: { commandName?: string }) => Next, options: { step: 'initialize'; name: string }): void;
  };
}

/** Adds to each access-denied error of `client` the policy of the fleet that would allow the call. */
export function nameMissingPolicy<T>(client: T, installation: string, fleet: string): T {
  (client as unknown as Client).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const kind = READING.has(commandName) ? 'reader' : 'operator';
          if (error instanceof Error && isDenied(error)) (error as Refused).missingPolicy = policyName(installation, fleet, kind);
          throw error;
        }
      },
    { step: 'initialize', name: 'nameMissingPolicy' },
  );
  return client;
}
