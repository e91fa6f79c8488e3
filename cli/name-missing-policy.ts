import { type PolicyKind, policyName } from '../functions/shared/naming.ts';
import { isDenied, type Refused } from './aws-errors.ts';

/** The policy that allows each SDK command; commands that are not listed need the operator's. */
const POLICIES: Readonly<Record<string, PolicyKind>> = {
  GetItemCommand: 'reader',
  BatchGetItemCommand: 'reader',
  QueryCommand: 'reader',
  DescribeExecutionCommand: 'reader',
  GetObjectCommand: 'reader',
  PutObjectCommand: 'publisher',
  InvokeCommand: 'publisher',
};

type Next = (args: object) => Promise<{ response: unknown; output: object }>;
interface Client {
  readonly middlewareStack: {
    add(middleware: (next: Next, context: { commandName?: string }) => Next, options: { step: 'initialize'; name: string }): void;
  };
}

/**
 * Adds to each access-denied error of `client` the policy of the fleet that would allow the call.
 * @param own policies of commands that do something else for this client
 */
export function nameMissingPolicy<T>(client: T, installation: string, fleet: string, own: Readonly<Record<string, PolicyKind>> = {}): T {
  (client as unknown as Client).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const kind = own[commandName] ?? POLICIES[commandName] ?? 'operator';
          if (error instanceof Error && isDenied(error)) (error as Refused).missingPolicy = policyName(installation, fleet, kind);
          throw error;
        }
      },
    { step: 'initialize', name: 'nameMissingPolicy' },
  );
  return client;
}
