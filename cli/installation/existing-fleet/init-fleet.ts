/** `holdfast init --existing --target-group`: an app that rolls existing servers, from what AWS and the servers show of them. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { badInput } from '../../failure.ts';
import type { Output } from '../../output.ts';
import { awsClientOptions } from '../../proxy.ts';
import { requireRegion } from '../../require-region.ts';
import { hasIam } from '../existing-store/choose-sign-in.ts';
import * as storeInit from '../existing-store/init-store.ts';
import { policyWith, RIGHTS } from '../existing-store/read-store.ts';
import type { StoreFacts } from '../existing-store/store-facts.ts';
import { readTaken, refuseTaken } from '../refuse-taken.ts';
import { prepareApp } from '../write-app.ts';
import { askServers } from './ask-servers.ts';
import { fleetConfig } from './fleet-config.ts';
import { unique } from './judge-fleet.ts';
import { FLEET_RIGHTS, type FleetClients, readFleet } from './read-fleet.ts';

export interface InitFleetOptions extends Omit<storeInit.InitStoreOptions, 'store'> {
  readonly targetGroup: string;
  /** Id of the replication group with the sessions. @default none: they are in memory, or a person decides */
  readonly store?: string;
  /** @default web */
  readonly fleet?: string;
}

type Both = storeInit.Clients & FleetClients;
export type InitFleetPlace = Omit<storeInit.InitStorePlace, 'clients'> & { readonly clients?: (region: string) => Both };

/**
 * Writes a CDK app with the fleet of a target group. Reads AWS, and has a script read on the servers; changes nothing there.
 * @throws CommandFailure NoSuchTargetGroup, UnusableFleet, InvalidOption, and those of `init --store`
 */
export async function initFleet(options: InitFleetOptions, output: Output, place: InitFleetPlace = {}): Promise<void> {
  const { installation, fleet = 'web', targetGroup, store: id } = options;
  const region = targetGroup.split(':')[3] ?? '';
  if ((options.region ?? region) !== region) {
    throw badInput('InvalidOption', `--target-group is in ${region}, and --region is ${options.region}. Nothing was called.`);
  }
  const ofStore = RIGHTS.filter(({ action }) => id !== undefined || action.startsWith('cloudformation:'));
  const rights = [...ofStore, ...FLEET_RIGHTS];
  if (options.printPolicy) {
    const policy = policyWith({ ...options, region, rights });
    return output.result(policy, () => JSON.stringify(policy, undefined, 2));
  }
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  output.progress(['This reads, and changes nothing:', ...rights.map(({ action, why }) => `  ${action}  ${why}`)].join('\n'));
  const clients = (place.clients ?? fleetClients)(region);
  try {
    const unknown = await refuseTaken({ installation, region }, (stack) => readTaken(clients.cloudFormation, stack));
    const facts = await readFleet(clients, targetGroup);
    const subnets = unique(facts.servers.flatMap(({ instance }) => instance?.SubnetId || []));
    const defaults = (found: StoreFacts) => ({
      // Where there are users, it needs no secret and no way to Secrets Manager.
      ...(found.userGroupId !== undefined && hasIam(found) && { auth: 'iam' as const }),
      ...(found.vpcId !== facts.targetGroup.VpcId && { subnets }),
    });
    const asking = { output, terminal: place.terminal, defaults };
    const store = id === undefined ? undefined : await storeInit.decideStore(clients, { ...options, region, store: id }, asking);
    const nodeIds = facts.servers.map(({ nodeId }) => nodeId);
    const asked = await askServers(clients.ssm, nodeIds, facts.port, endpointsOf(store?.store));
    const { config, ...made } = fleetConfig({ facts, asked, store, fleet, installation });
    storeInit.refuseProblems(filledIn(config, targetGroup), 'What was found', 'UnusableFleet');
    // In the folder of the written configuration, which names Region and installation.
    const deploys = [holdfast('doctor'), holdfast('releases publish 1.0.0 WAR_OR_FOLDER'), holdfast('deploy 1.0.0 --dry-run')];
    const installs = ['npm install', holdfast('config validate'), 'npx --no cdk bootstrap', 'npx --no cdk deploy --all'];
    const next = [...(store?.found.first?.slice(0, 2) ?? []), ...installs, ...deploys];
    const notes = [...unknown, ...made.notes];
    const said = { ...made, notes, decide: storeInit.decisionsOf(config), next, written: await writeApp(config) };
    output.result({ ...said, rights: unique(rights.map(({ action }) => action)) }, () => {
      const lines = made.found.map(({ key, value, from }) => `${key}: ${JSON.stringify(value)}, from ${from}`);
      return ['Found:', ...storeInit.indented([...lines, ...notes]), ...storeInit.afterInit(said, next)].join('\n');
    });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

function fleetClients(region: string): Both {
  const options = { region, ...awsClientOptions(process.env) };
  return {
    ...storeInit.clientsOf(region),
    elb: new ElasticLoadBalancingV2Client(options),
    autoScaling: new AutoScalingClient(options),
    iam: new IAMClient(options),
    ssm: new SSMClient(options),
  };
}

/** Of the group, and of each node; in cluster mode the cluster itself names them. */
const endpointsOf = (store: StoreFacts | undefined): readonly string[] =>
  [...(store?.endpoint ? [store.endpoint] : []), ...(store?.nodes ?? [])].slice(0, 12).map(({ host, port }) => `${host}:${port}`);

/** With something valid in the place of each mark, by the last part of its key: the rules are asked about what was found. */
function filledIn(config: object, targetGroup: string): object {
  const arn = targetGroup.replace(/targetgroup.*/, '');
  const values: Readonly<Record<string, string>> = {
    ...{ auth: 'none', userName: 'shop', secretArn: `${arn.replace('elasticloadbalancing', 'secretsmanager')}secret:shop-AbCdEf` },
    ...{ keyPrefix: 'sess:', strategy: 'redis', instanceRoleName: 'shop', replacesService: 'shop.service' },
    ...{ home: '/shop', javaHome: '/shop', loadBalancer: '/', ready: '/' },
    ...{ drainTargetGroupArn: `${arn}targetgroup/drain/0123456789abcdef`, drainRuleArn: `${arn}listener-rule/app/shop/0/1/2` },
  };
  return JSON.parse(JSON.stringify(config), (key, value) => (String(value).startsWith(FILL_IN) ? values[key] : value)) as object;
}
