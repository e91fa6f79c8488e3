/** Calls of functions that verify who calls: the caller's credentials sign what the caller states. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { Sha256 } from '../functions/shared/aws/sha256.ts';
import { type CallerProof, IDENTITY_BODY, identityHeaders, STS_SERVICE, stsUrl } from '../functions/shared/caller/caller-proof.ts';
import type { Cloud } from './cloud.ts';
import { badInput, CommandFailure } from './failure.ts';
import { nameMissingPolicy } from './name-missing-policy.ts';

interface SignedCall {
  readonly functionName: string;
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
export async function sendSigned<Reply extends { readonly outcome: string }>(
  cloud: Pick<Cloud, 'client' | 'installation' | 'fleet' | 'region'>,
  { functionName, statement, timeoutMs, failed }: SignedCall,
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
    const { payload, isFailure } = await invokeSigned(lambda, cloud, functionName, statement);
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
export async function invokeSigned(
  lambda: LambdaClient,
  { client, region }: Pick<Cloud, 'client' | 'region'>,
  functionName: string,
  stated: object,
): Promise<{ readonly payload: string; readonly isFailure: boolean }> {
  const statement = JSON.stringify(stated);
  const credentials = await lambda.config.credentials();
  const proof = await proveCaller({ statement, stsUrl: stsUrl(region, client.endpoint), region, credentials, now: new Date() });
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: `${functionName}:live`, Payload: JSON.stringify({ statement, proof }) }),
  );
  return { payload: Buffer.from(Payload ?? []).toString(), isFailure: FunctionError !== undefined };
}

interface ProofRequest {
  /** The text that the caller vouches for. */
  readonly statement: string;
  /** STS of the Region, as the function calls it. */
  readonly stsUrl: URL;
  readonly region: string;
  readonly credentials: AwsCredentialIdentity;
  /** The time at which the request is signed. */
  readonly now: Date;
}

/** Signs a GetCallerIdentity request that is bound to one statement. Signed locally: STS is not called. */
export async function proveCaller({ statement, stsUrl, region, credentials, now }: ProofRequest): Promise<CallerProof> {
  const signer = new SignatureV4({ service: STS_SERVICE, region, credentials, sha256: Sha256, applyChecksum: false });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: stsUrl.protocol,
      hostname: stsUrl.hostname,
      path: '/',
      headers: identityHeaders(stsUrl.host, statement),
      body: IDENTITY_BODY,
    },
    { signingDate: now },
  );
  const securityToken = headers['x-amz-security-token'];
  return {
    authorization: headers['authorization'] as string,
    date: headers['x-amz-date'] as string,
    ...(securityToken !== undefined && { securityToken }),
  };
}
