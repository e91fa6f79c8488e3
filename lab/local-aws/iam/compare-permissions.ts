/** Compares what each role may do with what it did. */
import type { RecordedCall } from './calls.ts';
import type { ServiceUse } from './used-by-services.ts';

/** One statement of a policy, as IAM has it. */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: unknown;
  /** Ignored in the comparison: a permission counts as used whatever its condition is. Shown where the permission is unused. */
  readonly Condition?: Readonly<Record<string, unknown>>;
}

export interface RolePolicies {
  /** ARN */
  readonly role: string;
  /** The statements of its inline policies and of those that the account keeps. */
  readonly statements: readonly PolicyStatement[];
  /** AWS managed policies by ARN, with their statements. */
  readonly awsManaged: readonly { readonly arn: string; readonly statements: readonly PolicyStatement[] }[];
}

/** What a role may do: one action on one resource, either of them with wildcards perhaps. */
export interface Permission {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly condition?: Readonly<Record<string, unknown>>;
}

/** Who was refused what. */
export type Denial = Omit<RecordedCall, 'allowed'>;

export interface Comparison {
  /** Their number. */
  readonly roles: number;
  /** Different calls of these roles. */
  readonly calls: number;
  readonly denied: number;
  readonly denials: readonly Denial[];
  readonly unused: readonly Permission[];
  /** What some role may do for the sake of an AWS service. */
  readonly serviceUsed: readonly ServiceUse[];
}

/** A policy whose permissions cannot be listed. */
export class UnlistablePolicy extends Error {
  override readonly name = 'UnlistablePolicy';
}

/**
 * @param calls of anybody; those of other principals are left out
 * @param deliberate denials that a test brought about by taking a permission away
 * @throws UnlistablePolicy for a statement that says what it does not allow
 */
export function comparePermissions(
  roles: readonly RolePolicies[],
  calls: readonly RecordedCall[],
  usedByServices: readonly ServiceUse[],
  deliberate: readonly Denial[] = [],
): Comparison {
  const known = new Set(roles.map(({ role }) => role));
  const made = calls.filter(({ principal }) => known.has(principal));
  const meant = new Set(deliberate.map(keyOf));
  const denials = made.filter((call) => !call.allowed && !meant.has(keyOf(call))).map(({ allowed: _, ...denial }) => denial);
  const used = made.filter(({ allowed }) => allowed);

  const services = new Set<ServiceUse>();
  const forService = (name: string) => {
    const found = usedByServices.find(({ action }) => action === name);
    if (found) services.add(found);
    return found !== undefined;
  };
  const permissions = roles.flatMap(({ role, statements, awsManaged }) => [
    ...permissionsOf(role, statements),
    ...awsManaged.filter(({ arn }) => !forService(arn)).flatMap((policy) => permissionsOf(role, policy.statements)),
  ]);
  const unused = permissions.filter((permission) => !used.some((call) => isUse(call, permission)) && !forService(permission.action));
  const serviceUsed = usedByServices.filter((use) => services.has(use));
  return { roles: roles.length, calls: made.length, denied: denials.length, denials, unused, serviceUsed };
}

/** Whether the policies of one of the roles allow a call, whatever their conditions are. */
export const isGranted = (roles: readonly RolePolicies[], call: RecordedCall): boolean =>
  roles
    .filter(({ role }) => role === call.principal)
    .flatMap(({ role, statements, awsManaged }) =>
      [statements, ...awsManaged.map((policy) => policy.statements)].flatMap((each) => permissionsOf(role, each)),
    )
    .some((permission) => isUse(call, permission));

/** Each action of each statement on each of its resources. What a statement denies is no permission. */
export function permissionsOf(role: string, statements: readonly PolicyStatement[]): readonly Permission[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, NotAction, Resource, NotResource, Condition: condition }) => {
      if (NotAction !== undefined || NotResource !== undefined || Action === undefined || Resource === undefined) {
        throw new UnlistablePolicy(
          `A policy of ${role} allows by NotAction or NotResource, so what it allows cannot be listed: name its actions and resources.`,
        );
      }
      const named = condition && { condition };
      return [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ role, action, resource, ...named })));
    });
}

function isUse({ principal, action, resource }: RecordedCall, permission: Permission): boolean {
  const granted = unversioned(permission.resource);
  const isOnIt = matches(granted, resource) || matches(granted, unversioned(resource));
  return principal === permission.role && matches(permission.action, action, 'i') && isOnIt;
}

/**
 * A version of a state machine is started with the permission on the machine; the CDK grants both. A use of one version of
 * a function shows the permission on the next, which a `cdk deploy` puts in its place.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
 */
const unversioned = (resource: string): string => resource.replace(/(:stateMachine:[^:]+|:function:[^:]+):[0-9]+$/, '$1');

/**
 * `*` matches any text and `?` one character; actions are case-insensitive, resources are not.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function matches(pattern: string, text: string, flags = ''): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`).test(text);
}

const keyOf = ({ principal, action, resource }: Denial): string => JSON.stringify([principal, action, resource]);
