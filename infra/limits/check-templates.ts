/** Compares an installation's templates with the services' limits. */
import { Annotations, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isOver, measureResource } from '../../functions/shared/limits/measure-input.ts';
import { MEASURES, SHARED_LIMITS } from '../../functions/shared/limits/service-limits.ts';
import { FilledIn, type Template, type Templates } from './fill-in.ts';

export interface Finding {
  /** `STACK LOGICALID FIELD`, or what several resources share. */
  readonly where: string;
  readonly stack: string;
  readonly size: number;
  readonly most: number;
  readonly percent: number;
  /** A quota of the account, which AWS raises on request. */
  readonly canBeRaised: boolean;
  /** Bytes from 1 KB and counts above 50: a name of 62 of 64 characters is no sign of growth. */
  readonly canGrow: boolean;
}

/** In place of a stack's name. */
const ACCOUNT = '(account)';
/** From here on the next addition can be one too many. */
export const NEAR_PERCENT = 95;

interface Filled {
  readonly stack: string;
  readonly id: string;
  readonly Type: string;
  /** As in the template: two long names can be cut to the same. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function findingOf(stack: string, what: string, size: number, limit: { readonly most: number; readonly isCount: boolean }): Finding {
  const { most, isCount } = limit;
  const percent = Math.round((size / most) * 1_000) / 10;
  return {
    where: `${stack} ${what}`,
    stack,
    size,
    most,
    percent,
    canBeRaised: stack === ACCOUNT,
    canGrow: isCount ? most > 50 : most >= 1_024,
  };
}

export function measureTemplates(templates: Templates): Finding[] {
  const filled = new FilledIn(templates);
  const all = Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).map(
      ([id, { Type, Properties = {} }]) =>
        ({ stack, id, Type, written: Properties, Properties: filled.value(stack, Properties) }) as Filled,
    ),
  );
  return [
    ...all.flatMap(({ stack, id, Type, Properties }) =>
      measureResource(Type, Properties).map(({ field, size, most, measure }) =>
        findingOf(stack, `${id} ${field}`, size, { most, isCount: measure === 'count' || measure === 'widgets' }),
      ),
    ),
    ...sharedFindings(templates, all),
  ];
}

/** What resources of a type share, by the property that names what has the limit. */
const SHARED: readonly (readonly [limit: keyof typeof SHARED_LIMITS, type: string, of: string, size: (one: Filled) => number])[] = [
  ['inlinePoliciesOfRole', 'AWS::IAM::Policy', 'Roles', ({ Properties }) => MEASURES.policy(Properties['PolicyDocument'])],
  ['managedPoliciesOfRole', 'AWS::IAM::ManagedPolicy', 'Roles', () => 1],
  // A statement of the function's policy has the same texts.
  ['permissionsOfFunction', 'AWS::Lambda::Permission', 'FunctionName', ({ id, Properties }) => MEASURES.policy({ id, ...Properties })],
  ['rulesOfLoadBalancer', 'AWS::ElasticLoadBalancingV2::ListenerRule', 'ListenerArn', () => 1],
];

function sharedFindings(templates: Templates, all: readonly Filled[]): Finding[] {
  const share = (limit: keyof typeof SHARED_LIMITS, stack: string, size: number, of = '') =>
    findingOf(stack, `${of} ${limit}`.trim(), size, { most: SHARED_LIMITS[limit], isCount: !/Bytes|inline|permissions/.test(limit) });
  const ofType = (type: string) => all.filter(({ Type }) => Type === type);
  return [
    ...Object.entries(templates).flatMap(([stack, template]) => [
      share('resourcesOfStack', stack, Object.keys(template.Resources ?? {}).length),
      share('outputsOfStack', stack, Object.keys(template.Outputs ?? {}).length),
      share('templateBytes', stack, MEASURES.bytes(JSON.stringify(template, undefined, 1))),
    ]),
    ...SHARED.flatMap(([limit, type, of, sizeOf]) => {
      const sums = new Map<string, number>();
      for (const one of ofType(type))
        for (const named of [one.written[of] ?? []].flat()) {
          const key = JSON.stringify([one.stack, named]);
          sums.set(key, (sums.get(key) ?? 0) + sizeOf(one));
        }
      return [...sums].map(([key, size]) => {
        const [stack, named] = JSON.parse(key) as [string, unknown];
        return share(limit, stack, size, JSON.stringify(named));
      });
    }),
    share('rolesOfAccount', ACCOUNT, ofType('AWS::IAM::Role').length),
    share('rulesOfEventBus', ACCOUNT, ofType('AWS::Events::Rule').length),
  ];
}

/** What can be raised may have been. */
const isRefused = (one: Finding): boolean => isOver(one) && !one.canBeRaised;

/** What CDK writes; its own types do not have it. */
const templateOf = (stack: Stack): Template =>
  stack.resolve((stack as unknown as { _toCloudFormation(): object })._toCloudFormation()) as Template;

/** Refuses a synthesis beyond a limit, and warns near one. It runs when nothing changes the stacks any more. */
export function checkLimits(scope: Construct, stacks: readonly Stack[]): void {
  const validate = (): string[] => {
    const byName = new Map(stacks.map((stack) => [stack.stackName, stack]));
    const findings = measureTemplates(Object.fromEntries(stacks.map((stack) => [stack.stackName, templateOf(stack)])));
    for (const { where, stack, size, most } of findings.filter((one) => one.canGrow && !isRefused(one) && one.percent >= NEAR_PERCENT))
      Annotations.of(byName.get(stack) ?? scope).addWarningV2('holdfast:near-limit', `${where} has ${size} of at most ${most}.`);
    return findings
      .filter(isRefused)
      .map(
        ({ where, size, most }) =>
          `${where}: ${size}, and AWS takes at most ${most}. Nothing was deployed. Shorten names and values, or split the fleet or the installation.`,
      );
  };
  scope.node.addValidation({ validate });
}
