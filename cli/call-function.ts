/** Calls of functions that answer people's commands. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from './cloud.ts';
import { badInput, CommandFailure } from './failure.ts';
import { nameMissingPolicy } from './name-missing-policy.ts';

interface FunctionCall {
  readonly functionName: string;
  /** The caller's own name is added. */
  readonly statement: object;
  /** Longer than the function may take. @default as any call, which is repeated when its time is up */
  readonly timeoutMs?: number;
  /** The error when the function itself fails, by name, and what is known then. */
  readonly failed: { readonly code: string; readonly message: string };
}

interface Refused {
  readonly outcome: 'refused';
  readonly error: string;
  readonly message: string;
}

/** @throws CommandFailure the function's refusals, or `failed` */
export async function callFunction<Reply extends { readonly outcome: string }>(
  cloud: Pick<Cloud, 'client' | 'installation' | 'fleet' | 'caller'>,
  { functionName, statement, timeoutMs, failed }: FunctionCall,
): Promise<Exclude<Reply, { readonly outcome: 'refused' }>> {
  // Asked once: the function goes on when nobody waits for it.
  const patient = timeoutMs !== undefined && {
    maxAttempts: 1,
    requestHandler: { ...cloud.client.requestHandler, requestTimeout: timeoutMs },
  };
  const lambda = nameMissingPolicy(new LambdaClient({ ...cloud.client, ...patient }), cloud.installation, cloud.fleet, {
    InvokeCommand: 'operator',
  });
  try {
    const { payload, isFailure } = await invoke(lambda, functionName, { ...statement, requestedBy: cloud.caller });
    if (isFailure) throw new CommandFailure(failed.code, `${functionName}:live failed. ${failed.message}`);
    const reply = JSON.parse(payload) as Reply | Refused;
    if (reply.outcome !== 'refused') return reply as Exclude<Reply, { readonly outcome: 'refused' }>;
    const { error, message } = reply as Refused;
    throw badInput(error, message);
  } finally {
    lambda.destroy();
  }
}

/** @returns the reply as text; `isFailure`: the function has ended with an error of its own, and this describes it */
export async function invoke(
  lambda: LambdaClient,
  functionName: string,
  statement: object,
): Promise<{ readonly payload: string; readonly isFailure: boolean }> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: `${functionName}:live`, Payload: JSON.stringify(statement) }),
  );
  return { payload: Buffer.from(Payload ?? []).toString(), isFailure: FunctionError !== undefined };
}
