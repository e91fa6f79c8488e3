import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { stsUrl } from '../../functions/shared/caller/caller-proof.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';
import { proveCaller } from '../releases/prove-caller.ts';

export interface SignedCall {
  /** Role of the fleet's function, in its name. */
  readonly role: string;
  /** What the caller states of the deploy. */
  readonly statement: object;
  /** The error when the function itself fails, by name, and what is known then. */
  readonly failed: { readonly code: string; readonly message: string };
}

interface Refused {
  readonly outcome: 'refused';
  readonly error: string;
  readonly message: string;
}

/**
 * Calls a function of the fleet with a statement that the caller's credentials sign.
 * @throws CommandFailure the function's refusals, or `failed`
 */
export async function sendSigned<Reply extends { readonly outcome: string }>(
  { client, installation, region, fleet }: Cloud,
  { role, statement: stated, failed }: SignedCall,
): Promise<Exclude<Reply, { readonly outcome: 'refused' }>> {
  const lambda = nameMissingPolicy(new LambdaClient(client), installation, fleet, { InvokeCommand: 'operator' });
  try {
    const statement = JSON.stringify(stated);
    const credentials = await lambda.config.credentials();
    const proof = await proveCaller({ statement, stsUrl: stsUrl(region, client.endpoint), region, credentials, now: new Date() });
    const FunctionName = `${functionName(installation, fleet, role)}:live`;
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ statement, proof }) }),
    );
    if (FunctionError !== undefined) throw new CommandFailure(failed.code, `${FunctionName} failed. ${failed.message}`);
    const reply = JSON.parse(Buffer.from(Payload ?? []).toString()) as Reply | Refused;
    if (reply.outcome !== 'refused') return reply as Exclude<Reply, { readonly outcome: 'refused' }>;
    const { error, message } = reply as Refused;
    throw new CommandFailure(error, message, EXIT.badInput);
  } finally {
    lambda.destroy();
  }
}
