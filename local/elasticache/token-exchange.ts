import { randomBytes } from 'node:crypto';
import { usersOf } from './group-access.ts';
import type { GroupSpec } from './group-spec.ts';
import { checkIamToken } from './iam-token.ts';
import type { ElastiCacheState } from './state.ts';

/** What a token is exchanged for. */
export interface Exchanged {
  /** For the server, in the token's place. */
  readonly secret: string;
  /** False when the server will refuse the secret, because the token is not good. */
  readonly accepted: boolean;
}

/** @returns undefined for a user without IAM authentication, whose secret is the server's to judge */
export type TokenExchange = (userName: string, token: string) => Promise<Exchanged | undefined>;

/** Exchanges the tokens of the group's IAM users; undefined when it has none, so that the endpoint need not read along. */
export function tokenExchange(state: ElastiCacheState, spec: GroupSpec): TokenExchange | undefined {
  const iamUsers = new Map<string, string>();
  for (const id of spec.userGroupIds) {
    for (const { userName, login } of usersOf(state, id)) if (login.type === 'iam') iamUsers.set(userName, login.innerPassword);
  }
  if (iamUsers.size === 0) return undefined;
  return async (userName, token) => {
    const innerPassword = iamUsers.get(userName);
    if (innerPassword === undefined) return undefined;
    const why = await whyRefused(state, spec, userName, token);
    if (why === undefined) return { secret: innerPassword, accepted: true };
    state.options.log(`elasticache ${spec.id}: the token of user ${userName} is refused: ${why}`);
    // The server answers WRONGPASS and counts the failure, as it does for any other.
    return { secret: randomBytes(24).toString('hex'), accepted: false };
  };
}

/** Judges the token's form, age and signature, and whether its signer may connect to the group and as the user. */
async function whyRefused(state: ElastiCacheState, spec: GroupSpec, userName: string, token: string): Promise<string | undefined> {
  const { access, now, region } = state.options;
  const check = checkIamToken(token, { replicationGroupId: spec.id, userName, region, nowMs: now() });
  if (!check.valid) return check.reason;
  try {
    const principal = access.authenticatePresigned(check.request);
    const permissions = [state.arn('replicationgroup', spec.id), state.arn('user', userName)].map((resource) => ({
      resource,
      context: tagContext(state, resource),
    }));
    await access.permit(principal, 'elasticache:Connect', permissions);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `aws:ResourceTag/NAME`, the one condition key that the local cloud can give of those that Connect has. */
function tagContext(state: ElastiCacheState, arn: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...state.tagsOf(arn)].map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
