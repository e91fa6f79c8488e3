/** Commands that a report prints: they work as printed, in the local cloud and on AWS. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import type { ApiCall } from '../contract/mitigation-descriptor.ts';
import type { Place } from './incident-page.ts';

/** What each command of Holdfast needs to reach a fleet again, or an installation that has none. */
export const optionsFor = ({ installation, region, local, fleets }: Place, fleet: string): string =>
  [...(fleets.length > 0 ? [`--fleet ${fleet}`] : []), ...(local ? [] : [`--region ${region} --installation ${installation}`])].join(' ');

export function doctorCommand(place: Place, fleet: string): string {
  const options = optionsFor(place, fleet);
  return holdfast(`doctor ${options}`);
}

/** Prints the names and ARNs of a fleet's resources, where the evidence does not have them. */
export function namesCommand(place: Place, fleet: string): string {
  const options = optionsFor(place, fleet);
  return holdfast(`status --names ${options}`);
}

export type ResourceName = 'load_balancer' | 'listener' | 'target_group' | 'store';

/** The words with each `$name` in its place. Undefined where one of them is not known. */
export function withNames(words: string, names: Readonly<Partial<Record<ResourceName, string>>>): string | undefined {
  const filled = words.replaceAll(/"\$([a-z_]+)"/g, (whole, name: string) => names[name as ResourceName] ?? whole);
  return /"\$[a-z_]+"/.test(filled) ? undefined : filled;
}

/** Services by the name in a call, as the AWS CLI names them. */
const SERVICES: Readonly<Record<string, string>> = {
  'auto-scaling': 'autoscaling',
  autoscaling: 'autoscaling',
  elasticache: 'elasticache',
  'elastic-load-balancing-v2': 'elbv2',
  elasticloadbalancing: 'elbv2',
  elbv2: 'elbv2',
  sfn: 'stepfunctions',
  ssm: 'ssm',
  states: 'stepfunctions',
  stepfunctions: 'stepfunctions',
};

/** An API call as a command of the AWS CLI. Undefined for what is no call of an AWS service (commands sent to the store). */
export function awsCommand({ service, operation, input }: ApiCall, place: Place): string | undefined {
  const name = SERVICES[service.toLowerCase()];
  if (name === undefined || !/^[A-Za-z]+$/.test(operation)) return undefined;
  return aws(`${name} ${kebab(operation)} --cli-input-json ${quoted(JSON.stringify(input))}`, place);
}

/** Undefined in the local cloud where its endpoint is not known: a command without it would go to AWS. */
export function aws(words: string, { region, local, awsOptions, awsEnvironment }: Place): string | undefined {
  if (local && awsOptions === undefined) return undefined;
  return `${awsEnvironment ? `${awsEnvironment} ` : ''}aws ${words} ${awsOptions ?? `--region ${region}`}`;
}

/** `ModifyTargetGroupAttributes` → `modify-target-group-attributes` */
const kebab = (operation: string): string => operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

/** The text in single quotes, as one word of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
