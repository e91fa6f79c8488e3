import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib';
import { CANARY_ENV } from '../../../functions/canary/contract/environment.ts';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import { GATE_ENV, GATE_HOOK_SECONDS } from '../../../functions/gate/contract.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  deploysTopicName,
  functionName,
  launchStateMachineName,
  releasesBucketName,
  rollTargetStateMachineName,
  terminateStateMachineName,
} from '../../../functions/shared/naming.ts';
import { pascalCase } from '../../../functions/shared/texts.ts';
import { gateRecipe, sessionGateOf } from '../../config/own-session-gate.ts';
import type { FleetConfig, NamedFleet } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import type { WebTierStack } from '../../stacks/web-tier-stack.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import type { Network, Part } from '../network.ts';
import { type StoreClient, storeClient } from '../store/store-client.ts';
import type { StoreEndpoint } from '../store/store-endpoint.ts';
import { drainEnvironment, gateEnvironment } from '../web-tier/drain-front.ts';
import { documentEnvironment, documentsOf } from '../web-tier/members.ts';

/** The deploy's functions, by what they may touch. */
export interface DeployFunctions {
  readonly control: HoldfastFunction;
  readonly assess: HoldfastFunction;
  readonly traffic: HoldfastFunction;
  readonly command: HoldfastFunction;
  readonly scaling: HoldfastFunction;
  readonly storeCheck: HoldfastFunction;
  readonly cleanUp: HoldfastFunction;
  readonly reconcile: HoldfastFunction;
  /** Pins sessions and waits for their end; undefined for a fleet whose deploys do not wait for sessions. */
  readonly sessions?: HoldfastFunction;
  readonly sessionGate?: HoldfastFunction;
}

/** ARNs of the deploy's state machines by their names: the machines refer to the functions, so the functions cannot refer to them. */
export interface MachineArns {
  readonly deploy: string;
  readonly rollTarget: string;
  readonly cleanUp: string;
  /** The web tier's, of a fleet with an Auto Scaling group. */
  readonly launch: string;
  readonly terminate: string;
}

export interface DeployFunctionsProps extends NamedFleet {
  readonly network: Part<Network>;
  readonly releases: ReleasesStack;
  readonly webTier: WebTierStack;
  readonly store: Part<StoreEndpoint>;
}

/** Makes the functions of one fleet's deploys, without permissions: deploy-permissions.ts has those. */
export function deployFunctions(stack: Stack, props: DeployFunctionsProps): DeployFunctions {
  const { config, fleetName, fleet, releases, webTier } = props;
  const common = { [RECORDS_ENV.fleet]: fleetName, [RECORDS_ENV.recordsTable]: releases.records.tableName };
  const make: MakeFunction = (role, description, environment, { vpc, timeoutSeconds = 60 } = {}) =>
    new HoldfastFunction(stack, pascalCase(role), {
      functionName: functionName(config.installation, fleetName, `deploy-${role}`),
      description: `Deploys of ${fleetName}: ${description}`,
      entry: `functions/deploy/${role}/handler.ts`,
      environment: { ...common, ...environment },
      timeout: Duration.seconds(timeoutSeconds),
      // It runs every five minutes, and its log line says what a trace of each would.
      traced: role !== 'reconcile',
      ...(vpc && { vpc }),
    });

  const { members } = webTier;
  const group = members.autoScalingGroupName;
  const settings = settingsEnvironment(fleet, webTier);
  const documents = documentEnvironment(documentsOf(releases.documents, members), members);
  const people = { [INSTANCE_ENV.accessLogDocument]: releases.documents.accessLog };
  // A fleet without an Auto Scaling group can have addresses for targets, which are mapped to the nodes behind them.
  const targets = { [ENV.targetGroupArn]: webTier.targetGroupArn, ...(group ? {} : members.environment) };
  const machines = machineArns(stack, config.installation, fleetName);
  const front = webTier.drain?.(stack);
  const drain = front && drainEnvironment(front);
  const { canary } = fleet;
  const gateFront = webTier.gate?.(stack);
  const gate = gateFront && gateEnvironment(gateFront);
  const state = sessionGateOf(fleet);
  const { environmentParameter } = webTier;
  const variables: Record<string, string> = environmentParameter === undefined ? {} : { [ENV.environmentParameter]: environmentParameter };
  const hasGate: Record<string, string> = state === undefined ? {} : { [ENV.sessionGate]: state };

  return {
    control: make('control', 'validates, locks, records, notifies', {
      ...settings,
      [ENV.deploysTopicArn]: deploysTopicArn(stack, config.installation, fleetName),
    }),
    assess: make('assess', 'plans and checks, changing nothing', {
      ...documents,
      ...people,
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      [ENV.rollTargetStateMachineArn]: machines.rollTarget,
      ...members.environment,
      ...hasGate,
      ...variables,
    }),
    traffic: make('traffic', 'takes targets out of the load balancer and puts them back', targets),
    command: make('command', 'runs the documents on instances', {
      ...documents,
      ...people,
      ...targets,
      [INSTANCE_ENV.releasesBucket]: releasesBucketName(config.installation, stack.account, stack.region),
      ...drain,
      ...hasGate,
      ...variables,
    }),
    ...(gate &&
      canary && {
        sessionGate: make(
          'session-gate',
          'tries a release with two users before others meet it',
          { ...targets, ...gate, [CANARY_ENV.url]: canary.url, [GATE_ENV.recipe]: JSON.stringify(gateRecipe(canary)) },
          { timeoutSeconds: GATE_HOOK_SECONDS },
        ),
      }),
    ...(drain && { sessions: make('sessions', 'keeps the sessions of a server on it until they have ended', { ...targets, ...drain }) }),
    scaling: make('scaling', 'suspends and resumes Auto Scaling', group ? { [ENV.autoScalingGroupName]: group } : {}),
    storeCheck: storeCheck(stack, props, make),
    cleanUp: make('clean-up', 'repairs what a deploy left', {
      ...documents,
      ...targets,
      ...settings,
      [ENV.deployStateMachineArn]: machines.deploy,
      [ENV.rollTargetStateMachineArn]: machines.rollTarget,
      ...gate,
    }),
    reconcile: make('reconcile', 'finds what events and deploys left: no clean-up, no launch, a lock', {
      ...((drain || gate) && { ...targets, ...drain, ...gate }),
      [ENV.deployStateMachineArn]: machines.deploy,
      [ENV.cleanUpStateMachineArn]: machines.cleanUp,
      ...(group && {
        [ENV.autoScalingGroupName]: group,
        [ENV.launchStateMachineArn]: machines.launch,
        [ENV.terminateStateMachineArn]: machines.terminate,
      }),
    }),
  };
}

/** The settings of the fleet's deploys, which watch the web tier's alarms too. */
export const settingsEnvironment = ({ deploy }: FleetConfig, { alarmNames }: Pick<WebTierStack, 'alarmNames'>): Record<string, string> => ({
  [SETTINGS_ENV.deploySettings]: JSON.stringify({ ...deploy, alarmNames: [...deploy.alarmNames, ...alarmNames] }),
});

export function machineArns(stack: Stack, installation: string, fleet: string): MachineArns {
  const arnOf = (resourceName: string) =>
    stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return {
    deploy: arnOf(deployStateMachineName(installation, fleet)),
    rollTarget: arnOf(rollTargetStateMachineName(installation, fleet)),
    cleanUp: arnOf(cleanUpStateMachineName(installation, fleet)),
    launch: arnOf(launchStateMachineName(installation, fleet)),
    terminate: arnOf(terminateStateMachineName(installation, fleet)),
  };
}

/** The topic's ARN, made of its name: the topic is created after the functions. */
export const deploysTopicArn = (stack: Stack, installation: string, fleet: string): string =>
  stack.formatArn({ service: 'sns', resource: deploysTopicName(installation, fleet) });

type MakeFunction = (
  role: string,
  description: string,
  environment: Record<string, string>,
  more?: { readonly vpc?: StoreClient['vpc']; readonly timeoutSeconds?: number },
) => HoldfastFunction;

/** The one function inside the VPC: it talks to the store and to nothing else. */
function storeCheck(stack: Stack, props: DeployFunctionsProps, make: MakeFunction): HoldfastFunction {
  const store = props.store(stack);
  const client = storeClient(stack, {
    network: props.network(stack),
    store,
    user: 'deploy',
    name: 'Check',
    securityGroupId: 'StoreCheckSecurityGroup',
    description: 'The deploy checks the session store',
    ruleDescription: `Store check of ${props.fleetName}`,
  });
  const environment = { ...client.environment, [ENV.storeReplicas]: String(store.replicas) };
  const fn = make('store-check', 'checks the replication of the session store', environment, { vpc: client.vpc });
  client.allow(fn);
  return fn;
}
