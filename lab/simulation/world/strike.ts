import { AwsError } from '#local-aws/service/service.ts';
import { groupFaults } from '../cloud/auto-scaling/group-faults.ts';
import { SERVER_FAULTS, type ServerFault, ServerFaults } from '../cloud/servers/server-faults.ts';
import { DEPLOYMENT, ENDED, RECLAIMED, type WorldFault } from '../faults/fault-plan.ts';
import type { Faults } from '../faults/faults.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FaultLog } from './fault-log.ts';
import type { World } from './world.ts';

/** What an operator does in a run; it belongs to the run, which knows its deploys. */
export interface RunOperator {
  abort(): boolean;
  deployAgain(): boolean;
}

export interface StrikeOptions {
  readonly kernel: Kernel;
  readonly world: World;
  readonly log: FaultLog;
  readonly faults: Pick<Faults, 'took'>;
  readonly operator: RunOperator;
  /** Since the epoch: by then what heals has healed. */
  readonly healAtMs: number;
}

const LONGEST_FAILOVER_MS = 60_000;

const SERVER_KINDS: ReadonlySet<string> = new Set(SERVER_FAULTS.filter((kind) => kind !== 'instance.terminated'));

/**
 * Makes faults of the world happen. A fault that finds nothing to strike has no effect and is not counted.
 * @returns what is called at a fault's moment, with the execution that has come to it
 */
export function createStrike(options: StrikeOptions): (fault: WorldFault, executionArn: string) => void {
  const { kernel, world, log, faults, operator, healAtMs } = options;
  const { autoScaling, servers, store, cloudWatch } = world;
  const explain = (kind: string, instanceId: string | undefined, untilMs: number) =>
    log.add({ kind, ...(instanceId !== undefined && { instanceId }), fromMs: kernel.now(), untilMs });
  const server = new ServerFaults({ kernel, servers, faults, struck: explain });
  const strikeGroup = groupFaults({
    kernel,
    scaling: autoScaling,
    servers,
    struck(kind, instanceId, forMs) {
      faults.took(kind);
      explain(kind, instanceId, kernel.now() + forMs);
    },
  });
  if (Number.isFinite(healAtMs)) kernel.after(healAtMs - kernel.now(), () => server.heal());

  const inService = (position: number): string | undefined => {
    const members = [...autoScaling.group.members.values()].filter(({ state }) => state === 'InService');
    return members[position % Math.max(1, members.length)]?.instanceId;
  };

  return (fault, executionArn) => {
    const nowMs = kernel.now();
    const { kind } = fault;
    const lastsMs = Math.min(fault.lastsMs, Math.max(0, healAtMs - nowMs));
    const own = fault.server === 'own' ? instanceOf(world, executionArn) : undefined;
    const position = fault.server === 'own' ? 0 : fault.server;
    const took = (forMs: number) => {
      faults.took(kind);
      explain(kind, undefined, nowMs + forMs);
    };
    if (SERVER_KINDS.has(kind)) {
      const instanceId = own ?? inService(position);
      if (instanceId !== undefined) server.strike(kind as ServerFault, instanceId, lastsMs);
      return;
    }
    const members = [...autoScaling.group.members.values()].filter(({ state }) => state === 'InService');
    const found = members.findIndex(({ instanceId }) => instanceId === own);
    if (strikeGroup({ ...fault, lastsMs, server: Math.max(found, position) })) return;
    switch (kind) {
      case 'group.scaledIn': {
        const { group } = autoScaling;
        if (group.desired <= group.minSize) return;
        if (allowed(() => autoScaling.operator.setDesiredCapacity(group.desired - 1))) took(lastsMs);
        return;
      }
      case 'store.failover': {
        const unavailableMs = Math.min(lastsMs, LONGEST_FAILOVER_MS);
        store.failover(unavailableMs);
        return took(unavailableMs);
      }
      case 'store.outage':
        store.outage(lastsMs);
        return took(lastsMs);
      case 'store.replicaBehind':
        store.replicaBehind(lastsMs);
        return took(lastsMs);
      case 'alarm.red':
      case 'alarm.redBefore': {
        const name = cloudWatch.alarmNames[position % cloudWatch.alarmNames.length];
        if (name === undefined) return;
        cloudWatch.forceRed(name, lastsMs);
        return took(lastsMs);
      }
      case 'operator.abort':
        if (operator.abort()) took(0);
        return;
      case 'operator.secondDeploy':
        if (operator.deployAgain()) took(0);
        return;
      case 'operator.resumed':
        if (autoScaling.group.suspended.size === 0) return;
        autoScaling.operator.resume([]);
        return took(Number.POSITIVE_INFINITY);
      case DEPLOYMENT:
        if (world.loadBalancer.resetRule()) took(0);
        return;
      case RECLAIMED: {
        const instanceId = own ?? inService(position);
        if (instanceId === undefined) return;
        servers.terminate(instanceId);
        faults.took(kind);
        return explain(kind, instanceId, Number.POSITIVE_INFINITY);
      }
      case ENDED: {
        const instanceId = own ?? inService(position);
        if (instanceId !== undefined && allowed(() => autoScaling.operator.terminate(instanceId, false))) took(0);
        return;
      }
      default:
        throw new Error(`nothing makes the fault ${kind} happen`);
    }
  };
}

/** The instance that an execution rolls, launches or terminates. */
function instanceOf(world: World, executionArn: string): string | undefined {
  const input = JSON.parse(world.stepFunctions.find(executionArn)?.input ?? '{}') as {
    readonly step?: { readonly roll?: { readonly instanceId: string } };
    readonly detail?: { readonly EC2InstanceId?: string };
  };
  return input.step?.roll?.instanceId ?? input.detail?.EC2InstanceId;
}

/** False where the API refuses. */
function allowed(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
}
