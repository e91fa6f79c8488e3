/** Compares an installation's templates with the services' limits. */
import { Annotations, type Stack } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { FilledIn, type Resource, type Template, type Templates } from './fill-in.ts';
import { isOver, measureResource } from './measure-input.ts';
import { MEASURES } from './measures.ts';
import { SHARED_LIMITS } from './service-limits.ts';

export interface Finding {
  /** `STACK LOGICALID FIELD`, or what several resources share. */
  readonly where: string;
  readonly stack: string;
  readonly size: number;
  readonly most: number;
  readonly percent: number;
  /** A size of names is no sign of growth: 62 of 64 characters are in the configuration. */
  readonly canGrow: boolean;
}

/** From here on the next addition can be one too many. */
export const NEAR_PERCENT = 95;
const LEAST_BYTES = 1_024;
const LEAST_COUNT = 50;

const finding = (stack: string, what: string, { size, most, isCount }: { size: number; most: number; isCount: boolean }): Finding => ({
  ...{ where: `${stack} ${what}`, stack, size, most, percent: Math.round((size / most) * 1000) / 10 },
  canGrow: isCount ? most > LEAST_COUNT : most >= LEAST_BYTES,
});

export function measureTemplates(templates: Templates): Finding[] {
  const filled = new FilledIn(templates);
  const all = Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).map(([id, { Type, Properties }]) => ({ stack, id, Type, Properties: filled.value(stack, Properties ?? {}) })),
  );
  return [
    ...all.flatMap(({ stack, id, Type, Properties }) =>
      measureResource(Type, Properties).map(({ field, size, most, measure }) =>
        finding(stack, `${id} ${field}`, { size, most, isCount: measure === 'count' || measure === 'widgets' }),
      ),
    ),
    ...sharedFindings(templates, all as readonly Filled[]),
  ];
}

interface Filled extends Resource {
  readonly stack: string;
  readonly id: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function sharedFindings(templates: Templates, all: readonly Filled[]): Finding[] {
  const found: Finding[] = [];
  const share = (limit: keyof typeof SHARED_LIMITS, stack: string, size: number, of = '') =>
    found.push(
      finding(stack, `${of} ${limit}`.trim(), { size, most: SHARED_LIMITS[limit].most, isCount: !/Bytes|inline|permissions/.test(limit) }),
    );
  const ofType = (type: string) => all.filter(({ Type }) => Type === type);
  /** Sums by what resources name, such as a role. */
  const sums = (type: string, keyOf: (properties: Filled['Properties']) => unknown, sizeOf: (one: Filled) => number) => {
    const sum = new Map<string, number>();
    for (const one of ofType(type)) {
      for (const key of [keyOf(one.Properties)].flat()) {
        const name = `${one.stack}\n${String(key)}`;
        sum.set(name, (sum.get(name) ?? 0) + sizeOf(one));
      }
    }
    return [...sum].map(([name, size]) => [...name.split('\n'), size] as unknown as readonly [stack: string, of: string, size: number]);
  };
  for (const [stack, template] of Object.entries(templates)) {
    share('resourcesOfStack', stack, Object.keys(template.Resources ?? {}).length);
    share('outputsOfStack', stack, Object.keys(template.Outputs ?? {}).length);
    share('templateBytes', stack, MEASURES.bytes(template));
  }
  const policyOf = ({ Properties }: Filled) => MEASURES.policy(Properties['PolicyDocument']);
  for (const [stack, role, size] of sums('AWS::IAM::Policy', ({ Roles }) => Roles ?? [], policyOf))
    share('inlinePoliciesOfRole', stack, size, role);
  for (const [stack, role, size] of sums(
    'AWS::IAM::ManagedPolicy',
    ({ Roles }) => Roles ?? [],
    () => 1,
  ))
    share('managedPoliciesOfRole', stack, size, role);
  for (const [stack, name, size] of sums('AWS::Lambda::Permission', ({ FunctionName }) => FunctionName, permissionBytes))
    share('permissionsOfFunction', stack, size, name);
  for (const [stack, listener, size] of sums(
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    ({ ListenerArn }) => ListenerArn,
    () => 1,
  ))
    share('rulesOfLoadBalancer', stack, size, listener);
  share('rolesOfAccount', '(all)', ofType('AWS::IAM::Role').length);
  share('rulesOfEventBus', '(all)', ofType('AWS::Events::Rule').length);
  return found;
}

/** As a statement of the function's policy. */
const permissionBytes = ({ id, Properties: { Principal, Action, FunctionName, SourceArn, SourceAccount } }: Filled): number =>
  MEASURES.policy({
    ...{ Sid: id, Effect: 'Allow', Principal: { Service: Principal }, Action, Resource: FunctionName },
    Condition: {
      ...(SourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
      ArnLike: { 'AWS:SourceArn': SourceArn },
    },
  });

/** What CDK writes; its own types do not have it. */
const templateOf = (stack: Stack): Template =>
  stack.resolve((stack as unknown as { _toCloudFormation(): object })._toCloudFormation()) as Template;

/** Refuses a synthesis beyond a limit, and warns near one. It runs when nothing changes the stacks any more. */
export function checkLimits(scope: Construct, stacks: readonly Stack[]): void {
  (scope as IConstruct).node.addValidation({
    validate: () => {
      const byName = new Map(stacks.map((stack) => [stack.stackName, stack]));
      const findings = measureTemplates(Object.fromEntries(stacks.map((stack) => [stack.stackName, templateOf(stack)])));
      for (const { where, stack, size, most, percent, canGrow } of findings) {
        if (size > most || percent < NEAR_PERCENT || !canGrow) continue;
        Annotations.of(byName.get(stack) ?? scope).addWarningV2('holdfast:near-limit', `${where} has ${size} of at most ${most}.`);
      }
      return findings.filter(isOver).map(overText);
    },
  });
}

const overText = ({ where, size, most }: Finding): string =>
  `${where}: ${size}, and AWS takes at most ${most}. Nothing was deployed. Shorten names, or split the fleet or the installation.`;
