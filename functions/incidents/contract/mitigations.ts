/** What a runbook can do about a cause: each mitigation is one entry of {@link DESCRIPTORS}, and registry.ts in mitigate/ has its code. */
import { holdfast } from '../../shared/command-options.ts';
import type { ApiCall, AwsCli, Descriptor, MitigationTarget, TemporaryEnd } from './mitigation-descriptor.ts';
import { type Grant, grant, type Permissions } from './mitigation-permissions.ts';

/** Load balancing and Auto Scaling show a change within seconds: users do not wait for more. */
const SHORT_VERIFY_MS = 120_000;
/** A change of ElastiCache, or the clean-up of a deploy, takes that long. */
const LONG_VERIFY_MS = 900_000;

const ON_FLEET = { worksOn: 'fleet', undoable: false, verifyMs: LONG_VERIFY_MS } as const;
const ON_STORE = { ...ON_FLEET, worksOn: 'store' } as const;
/** A change of load balancing or Auto Scaling. */
const QUICK = { ...ON_FLEET, undoable: true, verifyMs: SHORT_VERIFY_MS } as const;

const changeLives =
  (change: string) =>
  (options: string): readonly string[] => [
    holdfast(`sweep --lives ${change} --dry-run ${options}`),
    holdfast(`sweep --lives ${change} ${options}`),
  ];

/** Auto Scaling goes by what the load balancer last found, so that the store's answer alone does not end a mitigation by hand. */
const UNTIL_STORE_IS_WELL = {
  overBecause: 'the store is well again',
  byHandOnce: 'the store answers and the load balancer finds the servers healthy',
} as const satisfies Partial<TemporaryEnd>;

/** The ARN of a rule is not known before the rule exists. Another rule can have the priority by then, so that only a page is deleted. */
function deletePage({ ListenerArn, Priority }: ApiCall['input'], { command, quoted }: AwsCli): string | undefined {
  const query = `"Rules[?Priority=='${Number(Priority)}' && Actions[0].Type=='fixed-response'].RuleArn"`;
  const find = command(`elbv2 describe-rules --listener-arn ${quoted(String(ListenerArn))} --query ${query} --output text`);
  return find && command(`elbv2 delete-rule --rule-arn "$(${find})"`);
}

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
    effect: "sets the target group's stickiness as configured",
    needs: 'a configuration with stickiness, and a target group that differs from it',
    order: "set the target group's stickiness as it was deployed",
    undoesPeople: true,
    permissions: {
      reads: [grant('*', `${ELB}:DescribeTargetGroupAttributes`)],
      changes: [grant('targetGroups', `${ELB}:ModifyTargetGroupAttributes`)],
    },
  },
  'restart-target': {
    ...ON_FLEET,
    worksOn: 'server',
    effect: 'restarts the one server that the finding names',
    needs:
      "a finding that names one server; the fleet's release on that server, and no deploy of it since; no deploy or incident that holds the lock",
    order: 'restart the server that the finding names',
    permissions: { reads: DESCRIBES_DEPLOYS, changes: [grant('deployMachines', 'states:StartExecution')] },
    byHand: (options, { instanceId }) => (instanceId === undefined ? [] : [holdfast(`restart ${instanceId} ${options}`)]),
  },
  'stop-deploy': {
    ...ON_FLEET,
    effect: 'stops the running deploy; its clean-up restores the servers',
    needs:
      'a finding that names the deploy; it runs, is not being cleaned up, is no restart, and does not bring back a release that the fleet had before',
    order: 'stop the deploy',
    permissions: { reads: DESCRIBES_DEPLOYS, changes: [grant('deployExecutions', 'states:StopExecution')] },
    byHand: () => [],
  },
  'raise-ttl': {
    ...ON_STORE,
    effect: 'raises lives of sessions that would end before what they declare',
    needs: 'no sweep that runs',
    order: 'give sessions the life that they declare',
    permissions: SWEEPS,
    byHand: changeLives('raise'),
  },
  'keep-servers': {
    ...QUICK,
    effect: 'suspends HealthCheck and ReplaceUnhealthy, marks servers Healthy',
    needs:
      "no deploy or refresh that holds the lock, or is not cleaned up; an Auto Scaling group that would replace servers; a health check that asks the store (its path is the gate's)",
    order: 'keep Auto Scaling from replacing servers',
    temporary: {
      ...UNTIL_STORE_IS_WELL,
      endByHand: (call, cli) => (call.operation === 'SuspendProcesses' ? cli.call({ ...call, operation: 'ResumeProcesses' }) : undefined),
    },
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
    effect: 'makes a replica the primary',
    needs:
      'no automatic failover and no cluster mode; a replica, and the last known lag of the replicas; no primary that answers the collector, the network of a fleet or any of its servers, and somebody besides the collector who says that there is none, now and when it acts',
    order: 'make a replica the primary',
    permissions: { reads: [DESCRIBES_GROUP], changes: MODIFIES_GROUP },
  },
  're-login-page': {
    ...QUICK,
    effect: 'shows users a page that tries again by itself, status 503',
    needs:
      'a configured page; users who lose their session or are refused; most servers cut off, now and two minutes later, and another witness than they; a free priority, and fewer than 100 rules; no page of another incident',
    order: 'show users a page that tries again by itself, also in place of what works for them now',
    waits: true,
    temporary: {
      ...UNTIL_STORE_IS_WELL,
      endByHand: ({ operation, input }, cli) => (operation === 'CreateRule' ? deletePage(input, cli) : undefined),
    },
    permissions: {
      reads: [grant('*', `${ELB}:DescribeTargetGroups`, `${ELB}:DescribeListeners`, `${ELB}:DescribeRules`, `${ELB}:DescribeTags`)],
      changes: [
        grant('listeners', `${ELB}:CreateRule`),
        grant('newRules', `${ELB}:AddTags`),
        // Whether users are hurt is asked right before it acts.
        grant('*', 'cloudwatch:GetMetricData'),
      ],
      undoes: [grant('rulesOfIncidents', `${ELB}:DeleteRule`)],
    },
  },
  'sweep-now': {
    ...ON_STORE,
    effect: 'starts one full sweep for the incident',
    needs: 'no other sweep that runs',
    order: 'repair keys without a TTL',
    permissions: SWEEPS,
    byHand: () => [],
  },
  'shorten-anonymous': {
    ...ON_STORE,
    effect: 'shortens lives of sessions that hold nothing of a user',
    needs: 'no sweep that runs; a latest reading by which memory is tight, or none of the last minutes',
    order: 'let sessions of visitors without a login end sooner',
    permissions: SWEEPS,
    byHand: changeLives('shorten-anonymous'),
  },
  'scale-store': {
    ...ON_STORE,
    effect: "gives the store's nodes the next larger type",
    needs: 'a store that is not changing, and a larger type; a latest reading by which memory is tight, or none of the last minutes',
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
    effect: 'sets maxmemory-policy to volatile-lru',
    needs:
      'the parameter group of a created store or that of store.existing.parameterGroupName, which is no default one and which no other group has; the policy noeviction, since an allkeys- one evicts keys without a TTL as well; memory that is tight by the latest reading, or no reading of the last minutes',
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
export const TEMPORARY: readonly MitigationName[] = MITIGATIONS.filter((name) => DESCRIPTORS[name].temporary !== undefined);

/** Why a mitigation is never `auto`, as the end of a sentence; undefined for one that can be. */
export const whyAsks = (name: MitigationName): string | undefined =>
  DESCRIPTORS[name].undoable ? DESCRIPTORS[name].lasting : 'nothing can undo it';

/** `observe`: it is only named in the report. `approve`: it waits for a person. `auto`: it is carried out. */
export const MODES = ['observe', 'approve', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** It is carried out by itself, next to the questions that people get after the report: neither waits for it. */
export const goesBeside = ({ name, mode }: Pick<Decision, 'name' | 'mode'>): boolean => mode === 'auto' && DESCRIPTORS[name].waits === true;

/** What a mitigation would do, before it does it. */
export interface Calls<Undo = unknown> {
  readonly calls: readonly ApiCall[];
  /** What it changes and what that costs, in a sentence. */
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
  /** The change has begun and goes on by itself, and a later check finds how it ended. With `WAIT` so where its runbook waits no longer. */
  readonly goesOn?: boolean;
  /** Only `DONE` has it: what it changed is another holder's for good, which restores it. Nothing is left to undo; `detail` names the holder. */
  readonly isHandedOver?: boolean;
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
  /** A mitigation has it if its descriptor says `undoable`. */
  undo?(target: MitigationTarget, plan: Calls<Undo>): Promise<void>;
  /**
   * Only {@link TEMPORARY} mitigations have it: false when what it bridges is over, so that it is undone. `unknown`: its witnesses are silent,
   * or do not agree; a quarter of an hour of that ends it. @default true until the incident closes
   */
  needed?(target: MitigationTarget, plan: Calls<Undo>): Promise<boolean | 'unknown'>;
  /**
   * Asked before it acts. `WAIT`: not yet. `refused`: why it no longer may. @default it may act at once
   * @param plannedAtMs when its pre-conditions were last read for a plan: after an approval, the time of that
   */
  ready?(target: MitigationTarget, plan: Calls<Undo>, plannedAtMs: number): Promise<'DONE' | 'WAIT' | { readonly refused: string }>;
  /** It is undone after this time, and people get a message, even if what it bridges goes on. @default never */
  readonly longestMs?: number;
  /** How long `needed` has to be false without a break before it is undone. @default 0 */
  readonly settlesMs?: number;
}
