/** Authorizes calls to the gateway's own services: the signature identifies the caller, the emulator's policies decide. */

import type { Now } from '../interfaces.ts';
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import { AwsError, type LocalService, type Permission } from '../service/service.ts';
import type { Calls, RecordedCall } from './calls.ts';
import { type PayloadCheck, UNCHECKED } from './payload-check.ts';
import type { Decision, PolicyEvaluator } from './policy-evaluator.ts';
import { readSigner, type Signer } from './read-signer.ts';
import type { Credential, Principal, Session, Sessions } from './sessions.ts';
import {
  amzDateMs,
  isPresignedWith,
  isSignedWith,
  type PresignedRequest,
  type RequestHead,
  readPresignedQuery,
  readSignatureHeader,
  type SignedRequest,
} from './signature.ts';
import { verifySignature } from './verify-signature.ts';

/** A call that the emulator reports and has authorized itself: its signer, or the role on whose behalf the emulator made it. */
export type EmulatorCall = Omit<RecordedCall, 'principal'> & ({ readonly accessKeyId: string } | { readonly principal: string });

export interface AccessControl {
  /** The secret that only the emulator shares; adding a session requires it. */
  readonly token: string;
  addSession(session: Session): void;
  recordCalls(calls: readonly EmulatorCall[]): void;
  /** A policy may have changed: forgets earlier decisions. */
  forgetDecisions(): void;
  /** The ARN of an access key, without checking the signature; undefined for an unknown key. */
  callerOf(accessKeyId: string): string | undefined;
  /** Who the request says it is from. @throws AwsError (403) when that is nobody, or an access key that nobody was given */
  signerOf(head: RequestHead): Signer;
  /**
   * Verifies a request for the emulator when root signed it, and those of sessions and users unless the emulator itself does.
   *
   * @returns what its body has to pass
   * @throws AwsError (403) when the signer did not sign it
   */
  verify(signer: Signer, head: RequestHead): PayloadCheck;
  /** @throws AwsError when the key is unknown, or the session token or signature does not match */
  authenticate(request: SignedRequest): Principal;
  /** Does the same as {@link authenticate} for a signature that came in a query. The caller has to check its date and lifetime. */
  authenticatePresigned(request: PresignedRequest): Principal;
  /** Records the call as well. @throws AwsError AccessDenied, naming the action and the resource */
  permit(principal: Principal, action: string, permissions: readonly Permission[]): Promise<void>;
  /** Does the same as {@link permit} for all that a call of a service needs. */
  authorize(principal: Principal, service: LocalService, operation: string, input: Record<string, unknown>): Promise<void>;
}

export interface AccessControlOptions {
  readonly token: string;
  readonly sessions: Sessions;
  readonly evaluator: Pick<PolicyEvaluator, 'decide' | 'forget'>;
  readonly calls: Calls;
  readonly now: Now;
  /** Whether the emulator verifies the signatures of sessions and users. @default true */
  readonly emulatorVerifies?: boolean;
}

/** How far a request's date may be off. */
const MAX_SKEW_MS = 5 * 60_000;

export function createAccessControl({
  token,
  sessions,
  evaluator,
  calls,
  now,
  emulatorVerifies = true,
}: AccessControlOptions): AccessControl {
  /** @throws AwsError InvalidClientTokenId */
  function credentialOf(accessKeyId: string, sessionToken: unknown): Credential {
    const credential = sessions.find(accessKeyId);
    if (!credential || (sessionToken ?? '') !== (credential.sessionToken ?? '')) {
      throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    }
    return credential;
  }

  async function permit(principal: Principal, action: string, permissions: readonly Permission[]): Promise<void> {
    const source = principal.policySourceArn;
    for (const { resource, context = {} } of permissions) {
      const decision = source === undefined ? 'allowed' : await evaluator.decide({ policySourceArn: source, action, resource, context });
      calls.record({ principal: source ?? principal.arn, action, resource, allowed: decision === 'allowed' });
      if (decision !== 'allowed') throw new AwsError('AccessDenied', refusal(principal, action, resource, decision), 403);
    }
  }

  return {
    token,
    addSession: (session) => sessions.add(session),

    recordCalls(made) {
      for (const call of made) {
        const principal = 'principal' in call ? call.principal : policySource(sessions.find(call.accessKeyId)?.principal);
        if (principal !== undefined) calls.record({ ...call, principal });
      }
    },

    forgetDecisions: () => evaluator.forget(),
    callerOf: (accessKeyId) => sessions.find(accessKeyId)?.principal.arn,
    signerOf: (head) => readSigner(head, LOCAL_ACCOUNT_ID),

    verify(signer, head) {
      if (emulatorVerifies && signer.accessKeyId !== LOCAL_ACCOUNT_ID) return UNCHECKED;
      const { secretAccessKey } = credentialOf(signer.accessKeyId, signer.sessionToken);
      return verifySignature(secretAccessKey, signer, head, now());
    },

    authenticate(request) {
      const header = readSignatureHeader(request.headers.authorization as string | undefined);
      if (!header) throw new AwsError('IncompleteSignature', 'The Authorization header is not one of AWS Signature Version 4.', 403);
      const credential = credentialOf(header.accessKeyId, request.headers['x-amz-security-token']);
      const signedAtMs = amzDateMs(String(request.headers['x-amz-date'] ?? ''));
      if (!(Math.abs(now() - signedAtMs) <= MAX_SKEW_MS) || !isSignedWith(credential.secretAccessKey, header, request)) {
        throw new AwsError('SignatureDoesNotMatch', WRONG_SIGNATURE, 403);
      }
      return credential.principal;
    },

    authenticatePresigned(request) {
      const presigned = readPresignedQuery(request.url);
      if (!presigned) throw new AwsError('IncompleteSignature', 'The query is not one of AWS Signature Version 4.', 403);
      const credential = credentialOf(presigned.accessKeyId, presigned.sessionToken);
      if (!isPresignedWith(credential.secretAccessKey, presigned, request)) {
        throw new AwsError('SignatureDoesNotMatch', WRONG_SIGNATURE, 403);
      }
      return credential.principal;
    },

    permit,

    async authorize(principal, service, operation, input) {
      const prefix = service.iamPrefix ?? service.signingNames[0];
      for (const permission of service.permissions?.(operation, input) ?? ANY) {
        await permit(principal, `${prefix}:${permission.action ?? operation}`, [permission]);
      }
    },
  };
}

const WRONG_SIGNATURE =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const policySource = (principal: Principal | undefined): string | undefined => principal?.policySourceArn ?? principal?.arn;

const ANY: readonly Permission[] = [{ resource: '*' }];

/** AWS's own sentence. */
function refusal(principal: Principal, action: string, resource: string, decision: Decision): string {
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
