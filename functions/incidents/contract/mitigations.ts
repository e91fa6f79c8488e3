/** What a runbook can do about a cause: each mitigation is one entry of {@link DESCRIPTORS}, and registry.ts in mitigate/ has its code. */

/** A call as it is sent, for the report and --dry-run: no secret is a parameter of any. */
export type ApiCall = { readonly service: string; readonly operation: string; readonly input: Readonly<Record<string, unknown>> };

export interface MitigationTarget {
  readonly incidentId: string;
  readonly fleet?: string;
  readonly instanceId?: string;
  readonly deployId?: string;
  readonly firstSignMs?: number;
  readonly executionArn?: string;
}

/** A permission of the mitigating function; infra knows the ARNs. */
export interface Grant {
  /** The kind of resource. `*` is for a Describe call that AWS cannot limit to a resource. */
  readonly on:
    | '*'
    | 'targetGroups'
    | 'deployExecutions'
    | 'sweepMachine'
    | 'sweepExecutions'
    | 'listeners'
    | 'newRules'
    | 'rulesOfIncidents'
    | 'replicationGroup';
  readonly actions: readonly string[];
}

export interface Descriptor {
  /** What it does; docs/mitigations.md has this text and that of `needs`, and a test compares them. */
  readonly effect: string;
  readonly needs: string;
  /** Of a fleet: decided for each that the incident concerns. Of the store: once for all of them. */
  readonly worksOn: 'fleet' | 'store';
  readonly undoable: boolean;
  /** What a person does who carries it out, as an order without a full stop. */
  readonly order: string;
  /** It can undo what somebody has done on purpose: it is carried out by itself only once CloudTrail can have named who. */
  readonly undoesPeople?: true;
  /** It waits for some minutes before it acts. */
  readonly waits?: true;
  /** The steps of its causes have a command for the same, which comes before it. */
  readonly isStep?: true;
  /** Only a mitigation that bridges an outage has it: why Holdfast undoes it before the incident closes, as the end of a sentence. */
  readonly overBecause?: string;
  readonly permissions: readonly Grant[];
  readonly verifyMs: number;
}

const SHORT_VERIFY_MS = 120_000;
const LONG_VERIFY_MS = 900_000;

const ON_FLEET = { worksOn: 'fleet', undoable: false, verifyMs: LONG_VERIFY_MS } as const;
const ON_STORE = { ...ON_FLEET, worksOn: 'store' } as const;
const QUICK = { ...ON_FLEET, undoable: true, verifyMs: SHORT_VERIFY_MS } as const;

const grant = (on: Grant['on'], ...actions: string[]): Grant => ({ on, actions });
const ELB = 'elasticloadbalancing';

const table = <Name extends string>(descriptors: Record<Name, Descriptor>): Readonly<Record<Name, Descriptor>> => descriptors;
export const DESCRIPTORS = table({
  'restore-stickiness': {
    ...QUICK,
    effect: "sets the target group's stickiness as configured",
    needs: 'a configuration with stickiness, and a target group that differs from it',
    order: "set the target group's stickiness as it was deployed",
    undoesPeople: true,
    permissions: [grant('*', `${ELB}:DescribeTargetGroupAttributes`), grant('targetGroups', `${ELB}:ModifyTargetGroupAttributes`)],
  },
  'stop-deploy': {
    ...ON_FLEET,
    effect: 'stops the running deploy; its clean-up restores the servers',
    needs:
      'a finding that names the deploy; it runs, is not being cleaned up, is no restart, and does not bring back a release that the fleet had before',
    order: 'stop the deploy',
    isStep: true,
    permissions: [grant('deployExecutions', 'states:DescribeExecution', 'states:StopExecution')],
  },
  'promote-replica': {
    ...ON_STORE,
    effect: 'makes a replica the primary',
    needs:
      'no automatic failover and no cluster mode; a replica, and the last known lag of the replicas; no primary that answers the collector, the network of a fleet or any of its servers, and somebody besides the collector who says that there is none, now and when it acts',
    order: 'make a replica the primary',
    permissions: [grant('replicationGroup', 'elasticache:DescribeReplicationGroups', 'elasticache:ModifyReplicationGroup')],
  },
  're-login-page': {
    ...QUICK,
    effect: 'shows users a page that tries again by itself, status 503',
    needs:
      'a configured page; users who lose their session or are refused; most servers cut off, now and two minutes later, and another witness than they; a free priority, and fewer than 100 rules; no page of another incident',
    order: 'show users a page that tries again by itself, also in place of what works for them now',
    waits: true,
    overBecause: 'the store is well again',
    permissions: [
      grant('*', `${ELB}:DescribeTargetGroups`, `${ELB}:DescribeListeners`, `${ELB}:DescribeRules`, `${ELB}:DescribeTags`),
      grant('listeners', `${ELB}:CreateRule`),
      grant('newRules', `${ELB}:AddTags`),
      // Whether users are hurt is asked right before it acts.
      grant('*', 'cloudwatch:GetMetricData'),
      grant('rulesOfIncidents', `${ELB}:DeleteRule`),
    ],
  },
  'sweep-now': {
    ...ON_STORE,
    effect: 'starts one full sweep for the incident',
    needs: 'no other sweep that runs',
    order: 'repair keys without a TTL',
    isStep: true,
    permissions: [grant('sweepExecutions', 'states:DescribeExecution'), grant('sweepMachine', 'states:StartExecution')],
  },
});
export type MitigationName = keyof typeof DESCRIPTORS;
export const MITIGATIONS = Object.keys(DESCRIPTORS) as readonly MitigationName[];
export const TEMPORARY: readonly MitigationName[] = MITIGATIONS.filter((name) => DESCRIPTORS[name].overBecause !== undefined);

export const whyAsks = (name: MitigationName): string | undefined => (DESCRIPTORS[name].undoable ? undefined : 'nothing can undo it');

/** `observe`: the report names it, and a person has it carried out. `auto`: it is carried out. */
export const MODES = ['observe', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** It is carried out by itself, after the report: it waits for some minutes before it acts. */
export const comesAfterReport = ({ name, mode }: Pick<Decision, 'name' | 'mode'>): boolean =>
  mode === 'auto' && DESCRIPTORS[name].waits === true;

/** `undo`: what `act`, `verify` and `undo` need of the plan; never a secret. */
export type Calls<Undo = unknown> = { readonly calls: readonly ApiCall[]; readonly effect: string; readonly undo: Undo };
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

export interface Decision {
  readonly key: MitigationKey;
  readonly name: MitigationName;
  readonly mode: Mode;
  readonly target: MitigationTarget;
  readonly reason: string;
}

/** Every method can be called twice: `act` after a lost answer finds its own work done. @typeParam Undo what its plans keep on record */
export interface Mitigation<Undo = unknown> {
  plan(target: MitigationTarget): Promise<Plan<Undo>>;
  act(target: MitigationTarget, plan: Calls<Undo>): Promise<void>;
  verify(target: MitigationTarget, plan: Calls<Undo>): Promise<Verified>;
  undo?(target: MitigationTarget, plan: Calls<Undo>): Promise<void>;
  /** Only of TEMPORARY ones: false when what it bridges is over, `unknown` while its witnesses are silent or disagree. @default true */
  needed?(target: MitigationTarget, plan: Calls<Undo>): Promise<boolean | 'unknown'>;
  /** Asked before it acts. `refused`: why it no longer may. @param plannedAtMs when its pre-conditions were last read @default at once */
  ready?(target: MitigationTarget, plan: Calls<Undo>, plannedAtMs: number): Promise<'DONE' | 'WAIT' | { readonly refused: string }>;
  /** It is undone after this time, and people get a message, even if what it bridges goes on. @default never */
  readonly longestMs?: number;
  /** How long `needed` has to be false without a break before it is undone. @default 0 */
  readonly settlesMs?: number;
}
