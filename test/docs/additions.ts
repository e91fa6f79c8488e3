/** What an installation adds to an account: counted in its templates, with the monthly cost beside. Pure. */
import { type Assembly, findResources } from '../../lab/cost/assembly.ts';
import { estimateCost } from '../../lab/cost/estimate-cost.ts';
import { withTable } from './figures-pages.ts';

/** Numbers of servers that the costs are for. */
const SIZES = { two: 2, four: 4 } as const;
/** What is a part of another resource by one of these properties. */
const HOLDERS = ['GroupId', 'Roles', 'AutoScalingGroupName', 'ListenerArn'];
const PART = /^AWS::(IAM::Policy|EC2::SecurityGroupIngress|AutoScaling::LifecycleHook|ElasticLoadBalancingV2::ListenerRule)$/;

/** What the templates add to resources that exist: those whose id or name the configuration has. */
const addedToExisting = ({ stacks }: Assembly, configuration: string) =>
  findResources(stacks).filter(
    ({ type, properties }) =>
      PART.test(type) &&
      HOLDERS.some((holder) => [properties[holder]].flat().some((id) => typeof id === 'string' && configuration.includes(`"${id}"`))),
  );

const usd = (value: number): string => `$${value.toFixed(2)}`;

export interface Synthesized {
  readonly assembly: Assembly;
  /** Text of the configuration. */
  readonly configuration: string;
}

function additionsOf({ assembly, configuration }: Synthesized): Readonly<Record<string, string>> {
  const { stacks } = assembly;
  const count = (...types: string[]) => String(types.flatMap((type) => findResources(stacks, type)).length);
  const costs = Object.entries(SIZES).flatMap(([size, servers]) => {
    const { monthlyUsd, infrastructureUsd } = estimateCost(assembly, { servers });
    return [
      [`Holdfast per month, ${size} servers`, usd(monthlyUsd)],
      [`load balancer, store, servers per month, ${size} servers`, infrastructureUsd === 0 ? 'yours' : usd(infrastructureUsd)],
    ];
  });
  return {
    stacks: String(stacks.length),
    resources: String(findResources(stacks).filter(({ type }) => type !== 'AWS::CDK::Metadata').length),
    'of these: functions': count('Lambda::Function'),
    'of these: state machines': count('StepFunctions::StateMachine'),
    'of these: alarms': count('CloudWatch::Alarm', 'CloudWatch::CompositeAlarm'),
    'of these: added to resources that you have': String(addedToExisting(assembly, configuration).length),
    ...Object.fromEntries(costs),
  };
}

/** One row per number, one column per configuration. */
function rowsOf(all: readonly Synthesized[]): readonly (readonly string[])[] {
  const columns = all.map(additionsOf);
  return Object.keys(columns[0] ?? {}).map((name) => [name, ...columns.map((column) => column[name] ?? '')]);
}

/** Where the table of these numbers is, and the configurations of its columns. Its heading line begins with {@link HEADING}. */
export const PAGE = 'docs/cost.md';
export const COLUMNS = ['store-alone', 'existing-tomcats', 'existing-group', 'new-fleet'] as const;
const HEADING = 'added to an account ';

/** The page with these numbers; the words around its table stay. */
export const withAdditions = (page: string, columns: readonly Synthesized[]): string => withTable(page, HEADING, rowsOf(columns));
