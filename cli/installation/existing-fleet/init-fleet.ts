/** `holdfast init --existing --target-group`: an app that rolls existing servers, from what AWS and the servers show of them. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { badInput } from '../../failure.ts';
import type { Output } from '../../output.ts';
import { awsClientOptions } from '../../proxy.ts';
import { requireRegion } from '../../require-region.ts';
import { hasIam, OTHER_FRAMEWORK } from '../existing-store/choose-sign-in.ts';
import {
  afterInit,
  type Clients,
  clientsOf,
  decideStore,
  decisionsOf,
  type InitStoreOptions,
  type InitStorePlace,
  indented,
} from '../existing-store/init-store.ts';
import { policyWith, RIGHTS, type Right } from '../existing-store/read-store.ts';
import type { StoreFacts } from '../existing-store/store-facts.ts';
import { readTaken, refuseTaken } from '../refuse-taken.ts';
import { prepareApp } from '../write-app.ts';
import { askServers } from './ask-servers.ts';
import { type FleetConfigText, type FoundStore, fleetConfig } from './fleet-config.ts';
import { type FleetFacts, subnetsOf } from './fleet-facts.ts';
import { FLEET_RIGHTS, type FleetClients, readFleet } from './read-fleet.ts';

export interface InitFleetOptions extends Omit<InitStoreOptions, 'store'> {
  readonly targetGroup: string;
  /** Id of the replication group with the sessions. @default none: they are in memory, or a person decides */
  readonly store?: string;
  /** @default web */
  readonly fleet?: string;
}

export interface InitFleetPlace extends Omit<InitStorePlace, 'clients'> {
  /** @default those of the caller's credentials */
  readonly clients?: (region: string) => Clients & FleetClients;
}

/**
 * Writes a CDK app with the fleet of a target group. Reads AWS, and has a script read on the servers; changes nothing there.
 * @throws CommandFailure NoSuchTargetGroup, UnusableFleet, InvalidOption, and those of `init --store`
 */
export async function initFleet(options: InitFleetOptions, output: Output, place: InitFleetPlace = {}): Promise<void> {
  const { installation, fleet = 'web' } = options;
  const region = regionOf(options);
  const rights = rightsFor(options);
  if (options.printPolicy) {
    const policy = policyWith({ ...options, region, rights });
    output.result(policy, () => JSON.stringify(policy, undefined, 2));
    return;
  }
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  output.progress(['This reads, and changes nothing:', ...rights.map(({ action, why }) => `  ${action}  ${why}`)].join('\n'));
  const clients = (place.clients ?? fleetClients)(region);
  try {
    const unknown = await refuseTaken({ installation, region }, (stack) => readTaken(clients.cloudFormation, stack));
    const facts = await readFleet(clients, options.targetGroup);
    const store = await findStore(clients, facts, { ...options, region }, { output, terminal: place.terminal });
    const nodeIds = facts.servers.map(({ nodeId }) => nodeId);
    const asked = await askServers(clients.ssm, nodeIds, facts.port, endpointsOf(store?.facts));
    const made = fleetConfig({ facts, asked, store, fleet, installation });
    const written = await writeApp(made.config);
    report({ ...made, notes: [...unknown, ...made.notes] }, { written, first: store?.written.first?.slice(0, 2) ?? [], rights }, output);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

/** Each once. */
function rightsFor({ store, secret }: InitFleetOptions): readonly Right[] {
  const ofStore = RIGHTS.filter(({ action }) => (action.startsWith('secretsmanager:') ? secret !== undefined : store !== undefined));
  const ofStack = RIGHTS.filter(({ action }) => action.startsWith('cloudformation:'));
  return [...new Map([...ofStack, ...ofStore, ...FLEET_RIGHTS].map((right) => [right.action, right])).values()];
}

/** @throws CommandFailure InvalidOption */
function regionOf({ targetGroup, region }: InitFleetOptions): string {
  const own = targetGroup.split(':')[3] ?? '';
  if (region === undefined || region === own) return own;
  throw badInput('InvalidOption', `--target-group is in ${own}, and --region is ${region}. Nothing was called. Leave --region out.`);
}

function fleetClients(region: string): Clients & FleetClients {
  const options = { region, ...awsClientOptions(process.env) };
  return {
    ...clientsOf(region),
    elb: new ElasticLoadBalancingV2Client(options),
    autoScaling: new AutoScalingClient(options),
    iam: new IAMClient(options),
    ssm: new SSMClient(options),
  };
}

async function findStore(
  clients: Clients,
  { targetGroup, servers }: FleetFacts,
  options: InitFleetOptions & { readonly region: string },
  asking: Pick<Parameters<typeof decideStore>[2], 'output' | 'terminal'>,
): Promise<FoundStore | undefined> {
  const { store: id } = options;
  if (id === undefined) return undefined;
  const subnets = subnetsOf(servers);
  const defaults = (found: StoreFacts) => ({
    framework: OTHER_FRAMEWORK,
    // Where there are users, it needs no secret and no way to Secrets Manager.
    ...(found.userGroupId !== undefined && hasIam(found) && { auth: 'iam' as const }),
    ...(found.vpcId !== targetGroup.VpcId && { subnets }),
  });
  const { store: facts, found: written } = await decideStore(clients, { ...options, store: id }, { ...asking, defaults });
  return { facts, written };
}

/** Of the group, and of each node; in cluster mode the cluster itself names them. */
const endpointsOf = (store: StoreFacts | undefined): readonly string[] =>
  [...(store?.endpoint ? [store.endpoint] : []), ...(store?.nodes ?? [])].slice(0, 12).map(({ host, port }) => `${host}:${port}`);

/** In the folder of the written configuration, which names Region and installation. */
const PUBLISH = holdfast('releases publish 1.0.0 WAR_OR_FOLDER');
const DRY_RUN = holdfast('deploy 1.0.0 --dry-run');

interface Reported {
  readonly written: readonly string[];
  /** Commands that create the user of the functions. */
  readonly first: readonly string[];
  readonly rights: readonly Right[];
}

function report({ config, found, missing, notes }: FleetConfigText, { written, first, rights }: Reported, output: Output): void {
  const decide = decisionsOf(config);
  const deploys = ['npx --no cdk bootstrap', 'npx --no cdk deploy --all', holdfast('doctor'), PUBLISH, DRY_RUN];
  const next = [...first, 'npm install', holdfast('config validate'), ...deploys];
  output.result({ written, found, decide, missing, notes, next, rights: rights.map(({ action }) => action) }, () => {
    const lines = found.map(({ key, value, from }) => `${key}: ${JSON.stringify(value)}, from ${from}`);
    return ['Found:', ...indented(lines), ...indented(notes), ...afterInit({ written, missing, decide }, next)].join('\n');
  });
}
