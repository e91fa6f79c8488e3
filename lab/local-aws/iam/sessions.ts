/** Who is behind an access key: the account's root, and every session that the emulator's STS gave out. */

import type { Now } from '../interfaces.ts';
import { LOCAL_ACCOUNT_ID, type LocalCredentials } from '../local-account.ts';

/** Who calls. `arn` is what AWS names in a refusal. */
export interface Principal {
  readonly arn: string;
  /** The user or role whose policies decide; absent for root, who may do everything. */
  readonly policySourceArn?: string;
}

export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly principal: Principal;
}

export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly principalArn: string;
  readonly expiresAtMs?: number | null | undefined;
}

export interface Sessions {
  add(session: Session): void;
  /** Undefined for an unknown or expired key. */
  find(accessKeyId: string): Credential | undefined;
}

/** @param root its credentials in this run */
export function createSessions(root: LocalCredentials, now: Now): Sessions {
  const rootCredential: Credential = { ...root, principal: { arn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:root` } };
  const sessions = new Map<string, Session>();
  return {
    add(session) {
      sessions.set(session.accessKeyId, session);
    },
    find(accessKeyId) {
      if (accessKeyId === root.accessKeyId) return rootCredential;
      const session = sessions.get(accessKeyId);
      if (!session) return undefined;
      if (session.expiresAtMs && now() >= session.expiresAtMs) {
        sessions.delete(accessKeyId);
        return undefined;
      }
      const { secretAccessKey, sessionToken, principalArn } = session;
      return {
        accessKeyId,
        secretAccessKey,
        sessionToken,
        principal: { arn: principalArn, policySourceArn: policySourceOf(principalArn) },
      };
    },
  };
}

/** The role of a session: its policies are the session's. A session of a user is judged by the user's. */
export function policySourceOf(principalArn: string): string {
  const role = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(principalArn);
  return role ? `arn:aws:iam::${role[1]}:role/${role[2]}` : principalArn;
}
