import { randomBytes } from 'node:crypto';
import { messageOf } from '../../service/message-of.ts';
import type { GroupSpec } from '../group-spec.ts';
import type { Resources } from '../resources.ts';
import { checkIamToken } from './iam-token.ts';

/** What a token is exchanged for. */
export interface Exchanged {
  /** What the server gets in the token's place. */
  readonly secret: string;
  /** False when the server will refuse the secret, because the token is not valid. */
  readonly accepted: boolean;
}

/** @returns undefined for a user without IAM authentication, whose secret the server checks itself */
export type TokenExchange = (userName: string, token: string) => Promise<Exchanged | undefined>;

/** Exchanges the tokens of the group's IAM users; undefined when it has none, so that the endpoint can pass bytes through. */
export function tokenExchange(resources: Resources, spec: GroupSpec): TokenExchange | undefined {
  const iamUsers = new Map<string, string>();
  for (const id of spec.userGroupIds) {
    for (const { userName, login } of resources.usersOf(id)) if (login.type === 'iam') iamUsers.set(userName, login.innerPassword);
  }
  if (iamUsers.size === 0) return undefined;
  return async (userName, token) => {
    const innerPassword = iamUsers.get(userName);
    if (innerPassword === undefined) return undefined;
    const why = await whyRefused(resources, spec, userName, token);
    if (why === undefined) return { secret: innerPassword, accepted: true };
    resources.options.log(`elasticache ${spec.id}: the token of user ${userName} is refused: ${why}`);
    // The server answers WRONGPASS and counts the failure, as it does for any other.
    return { secret: randomBytes(24).toString('hex'), accepted: false };
  };
}

/** Checks the token's form, age and signature, and whether its signer may connect to the group and as the user. */
async function whyRefused(resources: Resources, spec: GroupSpec, userName: string, token: string): Promise<string | undefined> {
  const { access, now, region } = resources.options;
  const check = checkIamToken(token, { replicationGroupId: spec.id, userName, region, nowMs: now() });
  if (!check.valid) return check.reason;
  try {
    const principal = access.authenticatePresigned(check.request);
    const permissions = [resources.arn('replicationgroup', spec.id), resources.arn('user', userName)].map((resource) => ({
      resource,
      context: tagContext(resources, resource),
    }));
    await access.permit(principal, 'elasticache:Connect', permissions);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** `aws:ResourceTag/NAME`, the only condition key of Connect that the local cloud has. */
function tagContext(resources: Resources, arn: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...resources.tagsOf(arn)].map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
