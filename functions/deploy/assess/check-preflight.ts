import { compareAgentVersion } from '../../instance/slice-parameters.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import type { Agent } from '../../shared/aws/run-command.ts';
import { nounFor } from '../../shared/counted.ts';
import type { HoldfastError } from '../../shared/errors.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { Preflight } from '../contract/assess-steps.ts';
import { AgentOffline, AgentTooOld, InvalidInput, TooFewHealthyTargets } from '../errors.ts';
import { mostAtOnce } from '../rolls/most-at-once.ts';
import type { DeploySettings } from '../settings/settings.ts';
import { checkEnoughHealthy } from './choose-next-target.ts';
import { type Fault, faultText } from './fault.ts';
import type { FleetMember } from './fleet-members.ts';
import { type HistoryFacts, whyNoRoom } from './judge-history.ts';
import type { AlarmStates } from './judge-settle.ts';
import { type AddressDelayFacts, judgeAddressDelay } from './warn-of-front.ts';

export interface PreflightFacts {
  readonly members: readonly FleetMember[];
  /** Those that will be rolled, in order. */
  readonly toRoll: readonly FleetMember[];
  /** Agents of the members that will be rolled, as far as Systems Manager knows them. */
  readonly agents: readonly Agent[];
  /** States of the alarms that exist among those that the settings name. */
  readonly alarms: AlarmStates;
  readonly recover: boolean;
  /** Absent: the deploy does not stop after its first targets. */
  readonly pauseAfter?: number | undefined;
  /** The target group's. */
  readonly attributes: Attributes;
  readonly ofAddresses?: boolean | undefined;
  readonly settings: AddressDelayFacts['settings'] &
    HistoryFacts['settings'] &
    Pick<DeploySettings, 'minimumHealthyTargets' | 'minimumAgentVersion' | 'alarmNames'>;
}

/** What one rule finds, by its name: each fault is the error that refuses the deploy. */
export interface PreflightRule {
  readonly name: string;
  readonly judge: (facts: PreflightFacts) => readonly HoldfastError[];
}

/** In the order in which a deploy states the first fault. A dry run states all. */
export const PREFLIGHT_RULES: readonly PreflightRule[] = [
  { name: 'reachable targets', judge: unreachable },
  { name: 'healthy targets', judge: tooFewHealthy },
  { name: 'addresses', judge: tooLongDelay },
  { name: 'several at once', judge: forbiddenLimit },
  { name: 'history', judge: tooManyServers },
  { name: 'pause', judge: pauseWithoutNext },
  { name: 'agents', judge: unfitAgents },
  { name: 'alarms', judge: missingAlarms },
];

/**
 * Finds what would stop the deploy half-way, before it touches anything.
 * @throws TooFewHealthyTargets, AgentOffline, AgentTooOld, InvalidInput for a target that the load balancer cannot reach, or would not take back
 * in time, an alarm that does not exist, a limit that is never reached and a stop after the last target
 */
export function checkPreflight(facts: PreflightFacts): Preflight {
  for (const { judge } of PREFLIGHT_RULES) {
    const [fault] = judge(facts);
    if (fault) throw fault;
  }
  const { members, alarms } = facts;
  return {
    healthyTargets: members.filter(({ health }) => health === 'healthy').length,
    alreadyInAlarm: Object.keys(alarms).filter((name) => alarms[name] === 'ALARM'),
  };
}

function unreachable({ toRoll, recover }: PreflightFacts): readonly HoldfastError[] {
  return (recover ? [] : judgeReach(toRoll)).map((fault) => new InvalidInput(`${faultText(fault)}. Nothing was changed`));
}

/** A server that the load balancer never sends a request would be installed, waited for in vain, and fail the deploy. */
export function judgeReach(members: readonly Pick<FleetMember, 'instanceId' | 'zone' | 'unreachable'>[]): readonly Fault[] {
  const targets = members.filter((member) => member.unreachable !== undefined);
  const [first] = targets;
  if (!first) return [];
  const servers = targets.map(({ instanceId, zone }) => (zone === undefined ? instanceId : `${instanceId} in ${zone}`)).join(', ');
  return [
    {
      what: `the load balancer sends nothing to ${servers} (${first.unreachable})`,
      why: `no deploy could find ${targets.length === 1 ? 'it' : 'them'} healthy, and none begins`,
      fix: `enable the Availability Zone for the load balancer, have a rule forward to the target group, or take ${nounFor(targets.length, 'the server')} out of the fleet`,
    },
  ];
}

function tooLongDelay(facts: PreflightFacts): readonly HoldfastError[] {
  const fault = facts.toRoll.length === 0 ? undefined : judgeAddressDelay(facts);
  return fault?.refuses ? [new InvalidInput(`${faultText(fault)}. Nothing was changed`)] : [];
}

function tooFewHealthy({ members, toRoll, recover, settings }: PreflightFacts): readonly HoldfastError[] {
  // Checking the first is enough: unhealthy ones go first, and others begin only while the minimum is healthy.
  const first = toRoll[0];
  if (!first || recover) return [];
  try {
    checkEnoughHealthy(members, first, settings.minimumHealthyTargets);
    return [];
  } catch (error) {
    if (error instanceof TooFewHealthyTargets) return [error];
    throw error;
  }
}

function unfitAgents({ toRoll, agents, settings }: PreflightFacts): readonly HoldfastError[] {
  return toRoll.flatMap(({ instanceId }): HoldfastError[] => {
    const agent = agents.find((candidate) => candidate.instanceId === instanceId);
    if (!agent?.online)
      return [new AgentOffline(`the Systems Manager agent on ${instanceId} ${agent ? 'is not online' : 'has never reported'}`)];
    if (compareAgentVersion(agent.version, settings.minimumAgentVersion) >= 0) return [];
    return [
      new AgentTooOld(
        `the Systems Manager agent on ${instanceId} is version ${agent.version}; passing parameters as environment variables requires ${settings.minimumAgentVersion}`,
      ),
    ];
  });
}

function missingAlarms({ alarms, settings }: PreflightFacts): readonly HoldfastError[] {
  const missing = settings.alarmNames.filter((name) => alarms[name] === undefined);
  if (missing.length === 0) return [];
  return [new InvalidInput(`alarmNames of the deploy settings names alarms that do not exist: ${missing.join(', ')}`)];
}

function tooManyServers(facts: PreflightFacts): readonly HoldfastError[] {
  const why = whyNoRoom(facts);
  return why === undefined ? [] : [new InvalidInput(why)];
}

/** A stop after the last target would be none: the deploy would end without asking anybody. */
function pauseWithoutNext({ toRoll, pauseAfter }: PreflightFacts): readonly HoldfastError[] {
  if (pauseAfter === undefined || pauseAfter < toRoll.length) return [];
  const servers = toRoll.length === 1 ? '1 server gets' : `${toRoll.length} servers get`;
  const advice = toRoll.length > 1 ? `give --pause-after a number from 1 to ${toRoll.length - 1}` : 'deploy without --pause-after';
  return [new InvalidInput(`--pause-after ${pauseAfter} leaves no next server: ${servers} the release; ${advice}. Nothing was changed`)];
}

/** A limit that the minimum forbids is a mistake: the deploy would take longer than its settings promise. */
function forbiddenLimit({ members, toRoll, recover, settings }: PreflightFacts): readonly HoldfastError[] {
  const { maxParallel, minimumHealthyTargets } = settings;
  if (toRoll.length === 0 || recover) return [];
  const inService = members.filter(({ lifecycle }) => lifecycle === 'inService');
  const limit = mostAtOnce(maxParallel, inService.length);
  const possible = inService.length - minimumHealthyTargets;
  // Placeholders serve nobody, and the minimum does not apply to them.
  if (limit === 1 || limit <= possible || inService.every(({ version }) => version === NO_RELEASE)) return [];
  return [
    new InvalidInput(
      `deploy.maxParallel ${maxParallel} lets ${limit} of ${inService.length} servers be out of service at once, and minimumHealthyTargets ${minimumHealthyTargets} allows ${Math.max(possible, 0)}; lower maxParallel, set it to a percentage, or add servers. Nothing was changed`,
    ),
  ];
}
