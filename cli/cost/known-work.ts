/** How often the known state machines and functions run in a month, and what is known of one run. Pure. */
import { CANARY_ROLE } from '../../functions/canary/contract.ts';
import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import { incidentsFunctionName, runbookStateMachineName } from '../../functions/incidents/contract/names.ts';
import { CHECKS_PER_COMPARISON } from '../../functions/incidents/contract/tend-steps.ts';
import * as naming from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { ASSUMED, DAYS_PER_MONTH } from './assumptions.ts';
import { deployFeatures, type Execution, estimateExecution, estimateRoll } from './deploy-usage.ts';
import type { Use } from './price-usage.ts';
import type { Fleet } from './read-fleet.ts';

export interface Demand {
  readonly installation: string;
  readonly fleetName: string;
  readonly servers: number;
  readonly deploysPerDay: number;
}

export interface Known {
  /** Name of its runs in the plural: `deploys`, `targets`, … */
  readonly what: string;
  /** Runs in a month that no schedule starts. @default none */
  readonly runs?: number;
  /** @default a state machine enters each of its states once, a function is called once */
  readonly execution?: Execution;
  /** How long the functions of one run wait, on top of that. @default not at all */
  readonly waitedSeconds?: number;
  /** What else one run uses. */
  readonly more?: Use;
  /** Runs of the same machine that take another way. */
  readonly others?: readonly Known[];
}

/**
 * Choices to which runs of today's state machines come back. They add nothing to the estimate: with this list, only a loop that is not in it
 * is reported as one that the estimate does not know. What repeats in a deploy is in its measured execution, and the time that other runs
 * wait is assumed.
 */
export const KNOWN_LOOPS: ReadonlySet<string> = new Set([
  'Which target?',
  'Is the store ready?',
  'Newcomers?',
  'Room for another?',
  'Has one ended?',
  'Bake again?',
  'Sent?',
  'Still current?',
  'Which server?',
  'Pinned?',
  'Sessions gone?',
  'Prepare: done?',
  'Drain: done?',
  'Install: done?',
  'Health gate: done?',
  'Session probe: done?',
  'Wait healthy: done?',
  'Bake: done?',
  'Settle: done?',
  'Replace: done?',
  'Look for sessions: done?',
  'Wait for sessions: done?',
  'Unpin: done?',
  'Release pinned: done?',
  'Put back: done?',
  'Cancel commands: done?',
  'Let stray calls end: done?',
  'Cancel stray commands: done?',
  'Wait until serving: done?',
  'Installing: done?',
  'Gate: done?',
  'Idle: done?',
  'Begins?',
  'Every slot swept?',
  'Last page?',
  'Is it over?',
  'Do they still decide?',
  'Acted?',
  'Has it worked?',
  'Approved: Acted?',
  'Approved: Has it worked?',
]);

/** Keys of `knownWork` have the prefix that ARNs have, because a state machine and a function can have the same name. */
export const stateMachine = (name: string): string => `stateMachine:${name}`;
export const lambdaFunction = (name: string): string => `function:${name}`;

/** All known work of an installation. Its keys are made by {@link stateMachine} and {@link lambdaFunction}. */
export const knownWork = (fleet: Fleet, demand: Demand): ReadonlyMap<string, Known> =>
  new Map([...fleetWork(fleet, demand), ...canaryWork(demand), ...installationWork(demand.installation), ...widgets(demand)]);

function fleetWork(fleet: Fleet, { installation, fleetName, servers, deploysPerDay }: Demand): [string, Known][] {
  const deploys = deploysPerDay * DAYS_PER_MONTH;
  const failures = deploys * ASSUMED.failedShare;
  const targets = deploys * servers + failures * Math.ceil(servers * ASSUMED.rolledBackShare);
  const replacements = servers * ASSUMED.replacementsPerServerPerMonth;
  const drainSeconds = Math.max(fleet.settings.drainFloorSeconds, fleet.settings.quietSeconds);
  const deploy = estimateExecution('deploy', deployFeatures(fleet, servers));
  const roll = estimateRoll(fleet);
  const installed = { objectWrites: ASSUMED.requestsPerInstall, objectReads: ASSUMED.requestsPerInstall };
  const logBytes = ASSUMED.metricsPerExecution * ASSUMED.metricLogBytes;
  const work: [nameOf: (installation: string, fleet: string) => string, Known][] = [
    [naming.deployStateMachineName, { what: 'deploys', runs: deploys, execution: deploy, more: { objectWrites: 1, logBytes } }],
    [naming.rollTargetStateMachineName, { what: 'targets', runs: targets, execution: roll, more: { ...installed, logBytes } }],
    // The deploy's own clean-up, and the one that the deploy's event starts: it finds nothing to do, but is counted in full.
    [naming.cleanUpStateMachineName, { what: 'clean-ups', runs: failures * 2 }],
    [naming.refreshStateMachineName, { what: 'refreshed servers', runs: ASSUMED.refreshesPerMonth * servers, waitedSeconds: drainSeconds }],
    [naming.launchStateMachineName, { what: 'launches', runs: replacements, waitedSeconds: ASSUMED.installSeconds, more: installed }],
    [naming.terminateStateMachineName, { what: 'terminations', runs: replacements, waitedSeconds: drainSeconds }],
  ];
  return work.map(([nameOf, known]) => [stateMachine(nameOf(installation, fleetName)), known]);
}

/** The turns of a fleet's canary, and its runs: one a day, and one after each deploy. */
function canaryWork({ installation, fleetName, deploysPerDay }: Demand): [string, Known][] {
  const runs: Known = {
    what: 'runs of the canary',
    runs: (1 + deploysPerDay) * DAYS_PER_MONTH,
    waitedSeconds: ASSUMED.canaryRunSeconds,
  };
  const turns: Known = {
    what: 'turns of the canary',
    waitedSeconds: ASSUMED.canaryTurnSeconds,
    more: {
      tableWrites: ASSUMED.canaryWriteUnits,
      // The record, the lock, the latest deploy and its start.
      tableReads: 4,
      keyRequests: ASSUMED.canaryKeyRequests,
      secretReads: ASSUMED.canarySecretReads,
      logBytes: ASSUMED.metricLogBytes,
    },
    others: [runs],
  };
  return [[lambdaFunction(naming.functionName(installation, fleetName, CANARY_ROLE)), turns]];
}

function installationWork(installation: string): [string, Known][] {
  const perDay = (runs: number) => runs * DAYS_PER_MONTH;
  const checkpoints = { tableWrites: ASSUMED.sweepCheckpoints * Math.ceil(ASSUMED.checkpointBytes / 1024) };
  const { readingWriteUnits: tableWrites, readingReadUnits: tableReads, readingLogBytes: logBytes } = ASSUMED;
  // Some functions of the sources wait at once, and each is charged.
  const sources = { waitedSeconds: SOURCES.length * ASSUMED.sourceSeconds };
  // A part for each source, their bundle, and the report in two forms.
  const evidence = { objectWrites: SOURCES.length + 3, objectReads: SOURCES.length + 2 };
  // Start, Take input, Open, Begins?, Collect with a choice and a call for each source, Classify, Goes on?, Nothing new.
  const lookCalls = SOURCES.length + 2;
  const looks: Known = {
    what: 'looks',
    runs: perDay(ASSUMED.looksPerDay),
    execution: {
      transitions: 2 * SOURCES.length + 8,
      requests: lookCalls,
      functionSeconds: lookCalls * ASSUMED.stepSeconds,
      alarmReads: 0,
    },
    ...sources,
    more: { objectWrites: SOURCES.length, objectReads: SOURCES.length },
  };
  // The definition has what collects once, with a call for the store and one for any other source: the rest of them repeat it.
  const calls = SOURCES.length - 2;
  const repeated = { transitions: 2 * (SOURCES.length - 1), requests: calls };
  const runbooks: Known = {
    what: 'runbooks',
    runs: perDay(ASSUMED.runbooksPerDay),
    waitedSeconds: sources.waitedSeconds + calls * ASSUMED.stepSeconds,
    more: { ...evidence, ...repeated },
    others: [looks],
  };
  const sweep = { what: 'sweeps', runs: perDay(ASSUMED.alarmSweepsPerDay), waitedSeconds: ASSUMED.sweepSeconds, more: checkpoints };
  return [
    [stateMachine(naming.sweepStateMachineName(installation)), sweep],
    [
      lambdaFunction(naming.storeFunctionName(installation, 'collect')),
      { what: 'readings of the store', more: { tableWrites, tableReads, logBytes } },
    ],
    [stateMachine(runbookStateMachineName(installation)), runbooks],
    [lambdaFunction(incidentsFunctionName(installation, 'alarm')), { what: 'changes of alarms', runs: perDay(ASSUMED.alarmChangesPerDay) }],
    [
      lambdaFunction(incidentsFunctionName(installation, 'tend')),
      { what: 'checks of open incidents', more: { alarmReads: 1 / CHECKS_PER_COMPARISON } },
    ],
  ];
}

/** The functions that draw custom widgets. */
const widgets = ({ installation, fleetName }: Demand): [string, Known][] =>
  Object.entries(WIDGET_ROLES).map(([latest, role]) => {
    const owner = latest === 'deploys' || latest === 'canary' ? fleetName : naming.STORE_PART;
    const runs = ASSUMED.rendersPerDay * DAYS_PER_MONTH;
    return [
      lambdaFunction(naming.functionName(installation, owner, role)),
      {
        what: `renderings of the latest ${latest === 'canary' ? 'results of the canary' : latest}`,
        runs,
        waitedSeconds: ASSUMED.renderSeconds,
      },
    ];
  });
