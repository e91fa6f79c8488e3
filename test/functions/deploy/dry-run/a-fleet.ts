/** One fleet, which a deploy's own steps and a dry run meet alike. */
import { type AssessPorts, createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import { createControl } from '../../../../functions/deploy/control/control.ts';
import { createDryRun } from '../../../../functions/deploy/dry-run/dry-run.ts';
import type { DryRunPorts } from '../../../../functions/deploy/dry-run/read-facts.ts';
import { createSessions } from '../../../../functions/deploy/sessions/sessions.ts';
import { createStoreCheck } from '../../../../functions/deploy/store-check/store-check.ts';
import type { SessionsSeen } from '../../../../functions/instance/steps/sessions.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import type { DrainGroups } from '../../../../functions/shared/aws/drain-rule.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';
import type { Agent } from '../../../../functions/shared/aws/run-command.ts';
import type { GroupHook } from '../../../../functions/shared/foreign-hooks.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { createClock, RELEASE, recordingLog, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

export const IN_SYNC = 'role:master\r\nslave0:state=online,offset=1,lag=0\r\nmaster_replid:a1\r\nmaster_repl_offset:1\r\n';
export const ALONE = 'role:master\r\nmaster_replid:b2\r\nmaster_repl_offset:1\r\n';
const OWN_GROUP = 'arn:targetgroup/web/1';
const ARNS = { ruleArn: 'l/1/drain', drainTargetGroupArn: 'group', targetGroupArn: 'main' };
const rule = (arn: string, priority: number, targetGroupArn: string): ListedRule => ({
  ...{ arn, priority, hosts: [], paths: [], others: [], transforms: [], actions: ['forward'] },
  targetGroupArns: [targetGroupArn],
});
export const DRAIN = rule('l/1/drain', 1, 'group');
export const MAIN = rule('l/1/own', 2, 'main');

export interface AFleet {
  readonly records: Records;
  readonly clock: ReturnType<typeof createClock>;
  readonly health: Record<string, string>;
  readonly agents: Record<string, Partial<Agent>>;
  readonly alarms: Record<string, string>;
  readonly settings: Record<string, unknown>;
  /** The target group's, in addition to whether it is sticky. */
  readonly attributes: Record<string, string>;
  /** The target group's targets are addresses. */
  ofAddresses: boolean;
  /** With which the Auto Scaling group registers its servers too. */
  readonly otherGroups: string[];
  /** Lifecycle hooks that other tools have in the Auto Scaling group. */
  readonly otherHooks: GroupHook[];
  /** `INFO replication` of the store. */
  replication: string;
  /** The listener's rules, for a fleet whose deploys wait for sessions. */
  rules: ListedRule[] | undefined;
  /** A fleet with a drain rule has two target groups: its own and the drain group. */
  groups: DrainGroups;
  readonly input: { version: string; recover?: boolean; pauseAfter?: number; expect?: string };
  readonly sessions: Map<string, SessionsSeen>;
}

/** Three healthy servers with release 1.0.0, and 2.0.0 is published. */
export async function aFleet(): Promise<AFleet> {
  const records = memoryRecords();
  const health = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' };
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of Object.keys(health)) await records.putInstance('web', { instanceId, version: '1.0.0', installedAtMs: 1 });
  return {
    ...{ records, health, clock: createClock(), agents: {}, alarms: { errors: 'OK' }, settings: { alarmNames: ['errors'] } },
    ...{ attributes: {}, ofAddresses: false, otherGroups: [], otherHooks: [] },
    ...{
      replication: IN_SYNC,
      rules: undefined,
      groups: { main: {}, drain: {}, attributes: {} },
      input: { version: '2.0.0' },
      sessions: new Map(),
    },
  };
}

const fleet = ({
  health,
  agents,
  alarms,
  rules,
  attributes,
  ofAddresses,
  otherGroups,
  otherHooks,
}: AFleet): Pick<AssessPorts, 'targetGroup' | 'targetGroupArn' | 'attributes' | 'group' | 'prepares' | 'agents' | 'alarms'> => ({
  targetGroup: fakeTargetGroup(health, {}, ofAddresses),
  targetGroupArn: OWN_GROUP,
  attributes: async () => ({ 'stickiness.enabled': String(rules !== undefined), ...attributes }),
  group: {
    name: 'holdfast-web',
    hooks: async () => [...fakeAutoScalingGroup().hooksOf, ...otherHooks],
    async describe() {
      const { members, ...rest } = await fakeAutoScalingGroup(
        Object.fromEntries(Object.keys(health).map((id) => [id, 'InService'])),
      ).describe();
      return {
        ...rest,
        targetGroupArns: [OWN_GROUP, ...otherGroups],
        members: members.map((member) => (member.instanceId === 'i-1' ? { ...member, zone: 'eu-west-1a' } : member)),
      };
    },
  },
  prepares: false,
  agents: {
    describe: async (ids) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true, ...agents[instanceId] })),
  },
  alarms: {
    states: async (names) => Object.fromEntries(names.flatMap((name) => (alarms[name] === undefined ? [] : [[name, alarms[name]]]))),
    read: async () => ({}),
  },
});

const storeCheck = ({ replication, clock }: AFleet) =>
  createStoreCheck({
    connect: async () => ({ ping: async () => 'PONG', info: async () => replication, disconnect: () => {} }),
    wantedReplicas: 1,
    storeName: 'store:6379',
    now: clock.now,
  });

export const dryRun = (world: AFleet, more: Partial<DryRunPorts> = {}) => {
  const { records, rules, groups, sessions, settings, clock, input } = world;
  const front: Pick<DryRunPorts, 'front' | 'countSessions'> = rules
    ? { front: { rules: async () => rules ?? [], groups: async () => groups, arns: ARNS }, countSessions: async () => sessions }
    : {};
  return createDryRun({
    ...fleet(world),
    fleet: 'web',
    settings,
    records,
    concurrency: async () => ({ unreserved: 1_000 }),
    checkStore: async (deploy) =>
      storeCheck(world)({ step: 'checkStore', deploy }).then(
        () => ({}),
        (fault) => ({ fault }),
      ),
    ...front,
    now: clock.now,
    ...more,
  })(input);
};

/** The deploy's own steps before it touches anything, in their order. @returns the error that refused it; undefined when it would begin */
export async function deploy(world: AFleet): Promise<Error | undefined> {
  const { records, rules, groups, settings, health, clock, input } = world;
  const control = createControl({
    ...{ records, metrics: recordingMetrics(), log: recordingLog(), now: clock.now, fleet: 'web', settings },
    ...{ events: { put: async () => {} }, publish: async () => {} },
  });
  const assess = createAssess({
    ...{ ...fleet(world), records, now: clock.now, requestRate: { perMinute: async () => [] } },
    ...{ executions: fakeExecutions({}), rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll' },
    documentVersions: async () => ({ waitIdle: '1', install: '1', observe: '1' }),
  });
  const start = { executionName: 'd1', executionArn: 'arn:d1', startTime: new Date(START_MS).toISOString() };
  try {
    const context = (await control({ step: 'validate', input, ...start })) as DeployContext;
    const lease = (await control({ step: 'acquireLock', deploy: context })) as Lease;
    const held = { deploy: context, lease };
    await assess({ step: 'plan', ...held });
    await assess({ step: 'preflight', ...held, plan: { from: '', to: '', targets: [] } });
    await storeCheck(world)({ step: 'checkStore', deploy: context });
    if (!rules) return undefined;
    const ports = { targetGroup: fakeTargetGroup(health), drainGroup: fakeTargetGroup() };
    const front = createSessions({
      ...{ records, ...ports, rules: async () => rules ?? [], groups: async () => groups, arns: ARNS },
      ...{ metrics: recordingMetrics(), log: recordingLog(), now: clock.now },
      rule: { read: async () => 'pinned', pin: async () => {}, release: async () => {} },
    });
    await front({ step: 'checkFront', ...held });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
