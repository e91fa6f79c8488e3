/** Size and settings of one fleet, from its templates, and what its deploys use by them: arithmetic, no measurement. Pure. */
import { ENV, parseMembers } from '../../functions/deploy/contract/environment.ts';
import { SESSION_SLICE_SECONDS } from '../../functions/deploy/sessions/judge-routes.ts';
import { type DeploySettings, deploySettings, SETTINGS_ENV } from '../../functions/deploy/settings/settings.ts';
import { INSTANCE_ENV } from '../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../functions/records/keys.ts';
import { DRAIN_ENV } from '../../functions/shared/aws/drain-rule-contract.ts';
import { at, list, numberOf, propertiesOf, render, type Stack, variablesIn } from './assembly.ts';
import { ASSUMED, DAYS_PER_MONTH } from './assumptions.ts';
import type { PRICES } from './prices.ts';

export type Fleet = ReturnType<typeof readFleet>;

/** @param asked what the templates do not have, or what is asked for instead */
export function readFleet(stacks: readonly Stack[], name: string, asked: { servers?: number; deploysPerDay?: number } = {}) {
  const all = (type: string) => propertiesOf(stacks, type);
  const own = variablesIn(stacks).filter((one) => at(one, RECORDS_ENV.fleet) === name);
  const variable = (key: string) => own.map((one) => at(one, key)).find((value) => value !== undefined);
  const members = variable(ENV.members);
  const rules = all('S3::Bucket').flatMap((bucket) => list(at(bucket, 'LifecycleConfiguration', 'Rules')));
  const transitions = rules.filter((rule) => at(rule, 'Prefix') === undefined).flatMap((rule) => list(at(rule, 'Transitions')));
  const archiving = transitions.filter((one) => at(one, 'StorageClass') === 'GLACIER_IR');
  // The group's minimum, or the number of existing servers; 0 for an existing group, whose size is unknown.
  const listed = members === undefined ? 0 : parseMembers(render(members)).length;
  const servers = asked.servers ?? numberOf(all('AutoScaling::AutoScalingGroup')[0]?.['MinSize'], listed);
  return {
    name,
    servers,
    deploysPerDay: asked.deploysPerDay ?? ASSUMED.deploysPerDay,
    recordBytes: ASSUMED.recordBytes + ASSUMED.targetRecordBytes * servers,
    // Each deploy prepares existing servers.
    prepares: variable(INSTANCE_ENV.prepareDocument) !== undefined,
    waitsForSessions: variable(DRAIN_ENV.drainRuleArn) !== undefined,
    // The names of alarms in it are references, which is still JSON.
    settings: deploySettings.parse(JSON.parse(render(variable(SETTINGS_ENV.deploySettings) ?? '{}'))),
    // A target is healthy once it has passed one health check.
    healthCheckSeconds: numberOf(all('ElasticLoadBalancingV2::TargetGroup')[0]?.['HealthCheckIntervalSeconds'], 30),
    logMonths: Math.max(0, ...all('Logs::LogGroup').map((one) => numberOf(one['RetentionInDays']))) / DAYS_PER_MONTH || 12,
    archivedAfterDays: Math.min(Number.POSITIVE_INFINITY, ...archiving.map((one) => numberOf(at(one, 'TransitionInDays')))),
  };
}

/** What one run uses, by the lines of the bill, and for how many `seconds` functions run. */
export type Use = Readonly<Partial<Record<keyof typeof PRICES | 'seconds', number>>>;

/**
 * Transitions, the start too, and calls of functions on the ways through the definitions of a deploy and of a roll in which each check finds
 * its phase done and no server is left; the same where deploys wait for sessions. A test compares them with the templates.
 */
export const WAYS = { deploy: [26, 16], roll: [20, 11], deployWithSessions: [28, 18], rollWithSessions: [32, 18] } as const;

/** The quiet that shows a server idle, unless the drain's floor is longer: busy servers show it sooner. */
export const drainSeconds = ({ drainFloorSeconds, quietSeconds }: DeploySettings): number => Math.max(drainFloorSeconds, quietSeconds);

/** What the deploy's own execution uses, and the one that rolls a target. */
export function deployUse({ settings, healthCheckSeconds, prepares, waitsForSessions, servers }: Fleet): { deploy: Use; roll: Use } {
  const { stepSeconds, pollSeconds, lookSeconds, installSeconds, deliverySeconds } = ASSUMED;
  const { healthyInARow, confirmIntervalSeconds, healthIntervalSeconds, bakeSeconds, drainSliceSeconds, settleSeconds } = settings;
  const drain = drainSeconds(settings);
  const waits = drain + (healthyInARow - 1) * confirmIntervalSeconds + healthCheckSeconds + bakeSeconds;
  const rollSeconds = waits + installSeconds + deliverySeconds;
  // The drain rule changes twice, to hold a server's sessions and to release them. Somebody has a session until the time is up.
  const ruleSeconds = waitsForSessions ? 2 * (healthCheckSeconds + settings.ruleLagSeconds) : 0;
  const heldSeconds = waitsForSessions ? settings.sessionDrainSeconds : 0;
  const [states, calls] = waitsForSessions ? WAYS.rollWithSessions : WAYS.roll;
  const [deployStates, deployCalls] = waitsForSessions ? WAYS.deployWithSessions : WAYS.deploy;

  const commands = (seconds: number, slice: number) => Math.max(1, Math.ceil(seconds / Math.max(1, slice)));
  // Those on the way: one command for the drain and one for the bake, and the first check of drain, install and bake.
  const slices = commands(drain, drainSliceSeconds) + commands(bakeSeconds, (healthyInARow - 1) * healthIntervalSeconds) - 2;
  // Prepare is sent, and then done.
  const checks = rollSeconds / (pollSeconds + stepSeconds) - 3 + (prepares ? 2 : 0);
  const polls = (seconds: number) => seconds / (settings.pollSeconds + stepSeconds);
  const rulePolls = polls(ruleSeconds);
  const held = heldSeconds / (SESSION_SLICE_SECONDS + 3 * stepSeconds);
  const heldCallSeconds = SESSION_SLICE_SECONDS + 2 * stepSeconds;
  const settling = polls(settleSeconds);
  const lasts = rollSeconds + ruleSeconds + heldSeconds;
  // One follows the other; the pauses between those of a long roll are not subtracted.
  const looks = servers * Math.ceil(lasts / lookSeconds);
  const steps = deployCalls + 2 * servers + settling;
  return {
    roll: {
      // A check and its choice; a poll of the rule, its choice and a wait; a slice, its check, a step, and two choices.
      transitions: states + slices + 2 * checks + 3 * rulePolls + 5 * held,
      requests: calls + slices + checks + rulePolls + 3 * held,
      // Checks poll all the time, but for the step from one to the next.
      seconds: rollSeconds * (1 - stepSeconds / pollSeconds) + rulePolls * stepSeconds + held * heldCallSeconds,
    },
    deploy: {
      // For each server the store, the next target, a choice after each, its start, and whether there is room for another.
      transitions: deployStates + 6 * servers + 2 * looks + 3 * settling,
      requests: steps + looks,
      seconds: servers * lasts + steps * stepSeconds,
      // Before the first target, after each, and with every poll while it settles.
      alarmReads: 3 + servers + settling,
      // The plan writes each target once.
      tableWrites: servers,
    },
  };
}
