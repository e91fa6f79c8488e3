import { type Grant, grant, type Permissions } from './mitigation-permissions.ts';

/** What a runbook can do about a cause. What each mitigation is, is one entry of {@link DESCRIPTORS}; its code is in mitigate/NAME.ts. */

/** What everything but its own code has to know of a mitigation. */
export interface Descriptor {
  /** A mitigation of a fleet is decided for each fleet that the incident concerns, one of the store once for all of them. */
  readonly worksOn: 'fleet' | 'store';
  /** `auto` is refused for a mitigation that nothing can undo. */
  readonly undoable: boolean;
  /** What a person does who carries it out, as an order without a full stop. */
  readonly order: string;
  /** Why a person always decides, although its change can be undone, as the end of a sentence. */
  readonly lasting?: string;
  /** It is undone when the incident is over: it bridges the time until then. */
  readonly temporary: boolean;
  readonly permissions: Permissions;
  /** How long its result can take; a mitigation whose result takes longer is undone. */
  readonly verifyMs: number;
  /**
   * Holdfast's own commands for it, which check more than the calls alone, and follow what they start. They are empty where the steps
   * of its causes have them.
   * @param options reach the fleet again
   * @default its calls, as commands of the AWS CLI
   */
  readonly byHand?: (options: string, target: MitigationTarget) => readonly string[];
}

/** Load balancing and Auto Scaling show a change within seconds: users do not wait for more. */
const SHORT_VERIFY_MS = 120_000;
/** A change of ElastiCache, or the clean-up of a deploy, takes that long. */
const LONG_VERIFY_MS = 900_000;

const ON_FLEET = { worksOn: 'fleet', undoable: false, temporary: false, verifyMs: LONG_VERIFY_MS } as const;
const ON_STORE = { ...ON_FLEET, worksOn: 'store' } as const;
/** A change of load balancing or Auto Scaling. */
const QUICK = { ...ON_FLEET, undoable: true, verifyMs: SHORT_VERIFY_MS } as const;

const changeLives =
  (change: string) =>
  (options: string): readonly string[] => [
    `npx holdfast sweep --lives ${change} --dry-run ${options}`,
    `npx holdfast sweep --lives ${change} ${options}`,
  ];

const DESCRIBES_DEPLOYS: readonly Grant[] = [grant('deployExecutions', 'states:DescribeExecution')];
const SWEEPS: Permissions = {
  reads: [grant('sweepExecutions', 'states:DescribeExecution')],
  changes: [grant('sweepMachine', 'states:StartExecution')],
};
const DESCRIBES_GROUP = grant('replicationGroup', 'elasticache:DescribeReplicationGroups');
const MODIFIES_GROUP: readonly Grant[] = [grant('replicationGroup', 'elasticache:ModifyReplicationGroup')];
const ELB = 'elasticloadbalancing';

/** Infers the names, and checks the descriptors. */
const table = <Name extends string>(descriptors: Record<Name, Descriptor>): Readonly<Record<Name, Descriptor>> => descriptors;
export const DESCRIPTORS = table({
  'restore-stickiness': {
    ...QUICK,
    order: "set the target group's stickiness as it was deployed",
    permissions: {
      reads: [grant('*', `${ELB}:DescribeTargetGroupAttributes`)],
      changes: [grant('targetGroups', `${ELB}:ModifyTargetGroupAttributes`)],
    },
  },
  'restart-target': {
    ...ON_FLEET,
    order: 'restart the server that the finding names',
    permissions: { reads: DESCRIBES_DEPLOYS, changes: [grant('deployMachines', 'states:StartExecution')] },
    byHand: (options, { instanceId }) => (instanceId === undefined ? [] : [`npx holdfast restart ${instanceId} ${options}`]),
  },
  'stop-deploy': {
    ...ON_FLEET,
    order: 'stop the deploy',
    permissions: { reads: DESCRIBES_DEPLOYS, changes: [grant('deployExecutions', 'states:StopExecution')] },
    byHand: () => [],
  },
  'raise-ttl': {
    ...ON_STORE,
    order: 'give sessions the life that they declare',
    permissions: SWEEPS,
    byHand: changeLives('raise'),
  },
  'keep-servers': {
    ...QUICK,
    order: 'keep Auto Scaling from replacing servers',
    temporary: true,
    permissions: {
      // Whether its health check asks the store, and what would be replaced.
      reads: [grant('*', 'autoscaling:DescribeAutoScalingGroups', `${ELB}:DescribeTargetGroups`)],
      changes: [grant('autoScalingGroups', 'autoscaling:SuspendProcesses')],
      // The fleet's lock is taken, renewed and released by the same call.
      undoes: [
        grant('autoScalingGroups', 'autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'),
        grant('fleetRecords', 'dynamodb:UpdateItem'),
      ],
    },
  },
  'promote-replica': {
    ...ON_STORE,
    order: 'make a replica the primary',
    permissions: { reads: [DESCRIBES_GROUP], changes: MODIFIES_GROUP },
  },
  're-login-page': {
    ...QUICK,
    order: 'show users a page that tries again by itself, also in place of what works for them now',
    temporary: true,
    permissions: {
      reads: [grant('*', `${ELB}:DescribeTargetGroups`, `${ELB}:DescribeListeners`, `${ELB}:DescribeRules`, `${ELB}:DescribeTags`)],
      changes: [grant('listeners', `${ELB}:CreateRule`), grant('newRules', `${ELB}:AddTags`)],
      undoes: [grant('rulesOfIncidents', `${ELB}:DeleteRule`)],
    },
  },
  'sweep-now': { ...ON_STORE, order: 'repair keys without a TTL', permissions: SWEEPS, byHand: () => [] },
  'shorten-anonymous': {
    ...ON_STORE,
    order: 'let sessions of visitors without a login end sooner',
    permissions: SWEEPS,
    byHand: changeLives('shorten-anonymous'),
  },
  'scale-store': {
    ...ON_STORE,
    order: "give the store's nodes the next larger type",
    permissions: {
      reads: [
        DESCRIBES_GROUP,
        grant('replicationGroup', 'elasticache:ListAllowedNodeTypeModifications'),
        grant('*', 'elasticache:DescribeCacheClusters'),
      ],
      changes: MODIFIES_GROUP,
    },
  },
  'volatile-eviction': {
    ...ON_STORE,
    order: 'let a full store delete the sessions that were idle for longest',
    undoable: true,
    lasting: 'the sessions that it has evicted do not come back',
    permissions: {
      reads: [grant('*', 'elasticache:DescribeCacheClusters', 'elasticache:DescribeCacheParameters')],
      changes: [grant('parameterGroup', 'elasticache:ModifyCacheParameterGroup')],
    },
  },
});
export type MitigationName = keyof typeof DESCRIPTORS;
export const MITIGATIONS = Object.keys(DESCRIPTORS) as readonly MitigationName[];
export const TEMPORARY: readonly MitigationName[] = MITIGATIONS.filter((name) => DESCRIPTORS[name].temporary);

/** Why a mitigation is never `auto`, as the end of a sentence; undefined for one that can be. */
export const whyAsks = (name: MitigationName): string | undefined =>
  DESCRIPTORS[name].undoable ? DESCRIPTORS[name].lasting : 'nothing can undo it';

/** `observe`: it is only named in the report. `approve`: it waits for a person. `auto`: it is carried out. */
export const MODES = ['observe', 'approve', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** A call as it is sent, for the report and --dry-run: no secret is a parameter of any. */
export interface ApiCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What a mitigation would do, before it does it. */
export interface Calls<Undo = unknown> {
  readonly calls: readonly ApiCall[];
  /** In a sentence, with what it costs. */
  readonly effect: string;
  /** What `act`, `verify` and `undo` need of the plan; never a secret. */
  readonly undo: Undo;
}
/** `refused`: a pre-condition does not hold, in a sentence. */
export type Plan<Undo = unknown> = Calls<Undo> | { readonly refused: string };

/** `DONE`: the post-condition holds. `WAIT`: not yet. `FAILED`: it does not, and the mitigation is undone. */
export interface Verified {
  readonly verdict: 'DONE' | 'WAIT' | 'FAILED';
  readonly detail: string;
  /** With `DONE`: it has begun and goes on by itself; a later look says how it ended. */
  readonly goesOn?: boolean;
}

/** On what a mitigation works. */
export interface MitigationTarget {
  readonly incidentId: string;
  readonly fleet?: string;
  readonly instanceId?: string;
  readonly deployId?: string;
  /** The runbook's execution, which the lock's record names as its holder. */
  readonly executionArn?: string;
}

/** `NAME`, or `NAME@FLEET` where an incident concerns several fleets. */
export type MitigationKey = MitigationName | `${MitigationName}@${string}`;

/** What follows from a finding: one mitigation, on what, and how far it may go. */
export interface Decision {
  readonly key: MitigationKey;
  readonly name: MitigationName;
  readonly mode: Mode;
  readonly target: MitigationTarget;
  /** Why it follows from the finding, in a sentence. */
  readonly reason: string;
}

/**
 * One mitigation. Every method can be called twice: `act` after a lost answer finds its own work done.
 * @typeParam Undo what its plans keep; a runner of several mitigations reads it from the record, and hands it back as it is
 */
export interface Mitigation<Undo = unknown> {
  /** Reads; changes nothing. */
  plan(target: MitigationTarget): Promise<Plan<Undo>>;
  /** Sends the calls of the plan. */
  act(target: MitigationTarget, plan: Calls<Undo>): Promise<void>;
  verify(target: MitigationTarget, plan: Calls<Undo>): Promise<Verified>;
  /** Only mitigations that are `undoable` have it. */
  undo?(target: MitigationTarget, plan: Calls<Undo>): Promise<void>;
  /** Only {@link TEMPORARY} ones have it: false when what it bridges is over, so that it is undone at once. @default until the incident closes */
  needed?(target: MitigationTarget, plan: Calls<Undo>): Promise<boolean>;
  /** Before it acts: `WAIT` until it may, or why it does not any more. @default it may at once */
  ready?(target: MitigationTarget, plan: Calls<Undo>): Promise<'DONE' | 'WAIT' | { readonly refused: string }>;
  /** After so long it is undone, and people get a message, whether what it bridges is over or not. @default never */
  readonly longestMs?: number;
  /** With `needed`: how long what it bridges has to be over before it is undone. @default 0 */
  readonly settlesMs?: number;
}
