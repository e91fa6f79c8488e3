import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import { Sha256 } from '../functions/shared/aws/sha256.ts';
import { type CallerProof, IDENTITY_BODY, identityHeaders, STS_SERVICE } from '../functions/shared/caller/caller-proof.ts';

export interface ProofRequest {
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
