/** Takes one permission from a role for a while, and sees what was refused meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { readCalls } from '#local-aws/iam/calls.ts';
import type { PolicyStatement } from '#local-aws/iam/compare-permissions.ts';
import { until } from '../until.ts';
import { noteDeliberate } from './deliberate-denials.ts';
import { kept } from './fleet.ts';

const iam = new IAMClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
/** The gateway forgets its decisions when it has answered a change of a policy. */
const FORGETTING_MS = 50;
/** The emulator reports what it refused in the background. */
const TELLING_MS = 1_000;

/** On a busy machine a step can be refused something that the case before had taken, and never come to what is taken now. */
const ATTEMPTS = 3;
const REPORTED_MS = 40_000;

/** A policy must not be empty: this call needs no permission anyway. */
const FREE_TO_ALL: PolicyStatement = { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' };

interface Policy {
  readonly RoleName: string;
  readonly PolicyName: string;
  readonly statements: readonly PolicyStatement[];
}

/** The inline policies of a role. */
export async function policiesOf(role: string): Promise<readonly Policy[]> {
  const RoleName = role.split('/').at(-1) as string;
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: PolicyStatement[] };
      return { RoleName, PolicyName, statements: Statement };
    }),
  );
}

const put = ({ RoleName, PolicyName, statements }: Policy) =>
  iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
  );

const takenSoFar: { readonly role: string; readonly taken: string }[] = [];

const refusalsOf = (role: string, taken: string) =>
  readCalls(kept.runFolder).filter((call) => call.principal === role && call.action === taken && !call.allowed);

/** After each file: a refusal that is reported late was as deliberate as one that was reported at once. */
export async function noteLateRefusals(): Promise<void> {
  if (takenSoFar.length === 0) return;
  await sleep(TELLING_MS);
  for (const { role, taken } of takenSoFar.splice(0)) noteDeliberate(kept.runFolder, refusalsOf(role, taken));
}

function narrowed(policy: Policy, taken: string): Policy {
  const statements = policy.statements.map((statement) => ({
    ...statement,
    Action: [statement.Action ?? []].flat().filter((one) => one !== taken),
  }));
  const left = statements.filter(({ Action }) => Action.length > 0);
  return { ...policy, statements: left.length > 0 ? left : [FREE_TO_ALL] };
}

/**
 * Takes one action out of every statement of a role while `work` runs, and waits until its refusal is on record.
 *
 * @param role ARN
 * @throws Error when nothing was refused
 */
export async function without<T>(role: string, taken: string, work: () => Promise<T>): Promise<T> {
  const policies = await policiesOf(role);
  takenSoFar.push({ role, taken });
  try {
    for (let attempt = 1; ; attempt += 1) {
      for (const policy of policies) await put(narrowed(policy, taken));
      const done = await work();
      const onRecord = until(async () => refusalsOf(role, taken).length > 0, `${taken} is refused to ${role}`, REPORTED_MS);
      const isRefused = await onRecord.then(Boolean).catch((error: unknown) => {
        if (attempt === ATTEMPTS) throw error;
        return false;
      });
      if (isRefused) return done;
    }
  } finally {
    for (const policy of policies) await put(policy);
    await sleep(FORGETTING_MS);
    noteDeliberate(kept.runFolder, refusalsOf(role, taken));
  }
}
