/** Names of a fleet's resources as assignments of a POSIX shell, for commands of the AWS CLI. */
import {
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { balancerDimension } from '../../functions/shared/aws/balancer-metrics.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { ifAllowed } from '../aws-errors.ts';
import type { Cloud, CloudOptions } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { readStoreScope, readSubject } from '../doctor/subject.ts';
import { badInput } from '../failure.ts';
import type { Output } from '../output.ts';
import { connectToRead } from './connect-to-installation.ts';
import { readConfiguration, readDeployed } from './read-deployed.ts';

/** The order is that in which they are printed. What the fleet does not have is left out. */
export type Names = Readonly<Record<string, string>>;

interface NamesOptions extends CloudOptions {
  /** Only this name is printed; true for all. */
  readonly names: string | true;
}

/** @throws CommandFailure NoConfiguration, NoSuchName; the errors of a service that does not answer */
export async function names({ names: asked, ...options }: NamesOptions, output: Output): Promise<void> {
  const cloud = await connectToRead(options, STORE_PART, true);
  const deployed = await readDeployed(cloud);
  if (deployed.state !== 'known')
    throw badInput(
      'NoConfiguration',
      `The configuration of installation ${cloud.installation} was not found in account ${cloud.account}, ${cloud.region}. Nothing was changed. Choose another one with --installation or --region.`,
    );
  const config = await readConfiguration(cloud, deployed);
  const configured = namesOf(cloud, config);
  // Operators may not read the load balancer's names, and the others need no call.
  const front = () => (asked === true ? ifAllowed(() => frontOf(cloud, config)) : frontOf(cloud, config));
  const found = { ...configured, ...(cloud.fleet !== STORE_PART && configured[String(asked)] === undefined && (await front())) };
  // No title: a shell reads every line.
  if (asked === true) output.result({ names: found }, () => assignments(found));
  else output.result({ name: asked, value: nameOf(found, asked) }, () => nameOf(found, asked));
}

/** As the configuration has them. Pure. */
export function namesOf(cloud: Cloud, config: HoldfastConfig): Names {
  const { store } = readStoreScope(config, cloud);
  const isAlone = cloud.fleet === STORE_PART;
  const { group } = isAlone ? {} : readSubject(config, cloud.fleet, cloud);
  return {
    AWS_REGION: cloud.region,
    installation: cloud.installation,
    ...(!isAlone && { fleet: cloud.fleet }),
    options: optionsOf(cloud),
    ...(!isAlone && { name: `${cloud.installation}-${cloud.fleet}` }),
    ...(group && { group: group.id }),
    ...(store.replicationGroup && { store: store.replicationGroup.id }),
    records: `${cloud.installation}-records`,
  };
}

/** Pure. @throws CommandFailure NoSuchName */
export function nameOf(found: Names, name: string): string {
  const value = found[name];
  if (value !== undefined) return value;
  const known = Object.keys(found).join(', ');
  throw badInput('NoSuchName', `The fleet has no name "${name}". It has ${known}. Choose one of these.`);
}

async function frontOf(cloud: Cloud, config: HoldfastConfig): Promise<Names> {
  const { targetGroup } = readSubject(config, cloud.fleet, cloud);
  const elb = new ElasticLoadBalancingV2Client(cloud.client);
  try {
    const asked = targetGroup.named ? { TargetGroupArns: [targetGroup.id] } : { Names: [targetGroup.id] };
    const [group] = (await elb.send(new DescribeTargetGroupsCommand(asked))).TargetGroups ?? [];
    const [LoadBalancerArn] = group?.LoadBalancerArns ?? [];
    const listeners =
      LoadBalancerArn === undefined ? [] : ((await elb.send(new DescribeListenersCommand({ LoadBalancerArn }))).Listeners ?? []);
    // Users come by HTTPS where there is any.
    const listener = listeners.find(({ Protocol }) => Protocol === 'HTTPS') ?? listeners[0];
    return {
      ...(group?.TargetGroupArn !== undefined && { target_group: group.TargetGroupArn }),
      ...(LoadBalancerArn !== undefined && { load_balancer: LoadBalancerArn, load_balancer_dimension: balancerDimension(LoadBalancerArn) }),
      ...(listener?.ListenerArn !== undefined && { listener: listener.ListenerArn }),
    };
  } finally {
    elb.destroy();
  }
}

/** The Region is exported, since the AWS CLI reads it. Pure. */
export const assignments = (found: Names): string =>
  Object.entries(found)
    .map(([name, value]) => `${name === 'AWS_REGION' ? 'export ' : ''}${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
