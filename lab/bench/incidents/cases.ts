/** What is benchmarked: faults, alone, together and none at all, and what the runbook has to find. Pure. */
import type { Cause, Runbook } from '../../../functions/incidents/contract/causes.ts';
import { FAULTS } from '../../demo/incident-faults/table.ts';
import { ALARM_OF, type CaseAlarm } from './alarms.ts';
import { shuffle } from './shuffle.ts';

/** The clouds that cases run in: the Node example with its sessions in the store or in its servers' memory, and two kinds of Tomcat. */
export const CLOUDS = ['redis', 'sticky', 'tomcat', 'access-log-valve'] as const;
export type CloudKind = (typeof CLOUDS)[number];

export interface BenchCase {
  readonly name: string;
  readonly cloud: CloudKind;
  /** Names of faults, in the order in which they are set. */
  readonly faults: readonly string[];
  readonly runbook: Runbook;
  /** Any of these is right; none: the runbook must find nothing. */
  readonly expected: readonly Cause[];
  /** From the last fault until a person asks for the runbook. An alarm takes its own time. */
  readonly waitMs: number;
  /** A person asks when the load balancer has published: the minute that runs, or the whole one in which the fault was. */
  readonly minute?: 'running' | 'whole';
  /** It starts the runbook. @default a person does */
  readonly alarm?: CaseAlarm;
  /** The steady users pause during the case. */
  readonly withoutUsers?: true;
  /** The fleet's deploy is dated right before the case. */
  readonly afterDeploy?: true;
}

/** The seed's nine faults: the cause of each has to be found wherever it is planted alone. */
const SEED_FAULTS: readonly string[] = [
  'stickiness-off',
  'route-mismatch',
  'timeout-too-short',
  'store-connection-failures',
  'store-down',
  'store-not-redundant',
  'store-failing-over',
  'missing-expiry',
  'large-sessions',
];

/** Until users have noticed: they come back every second, those who pause within a minute and a half. */
const WAIT_MS: Partial<Readonly<Record<string, number>>> = {
  'timeout-too-short': 100_000,
  'pausing-users': 100_000,
  evictions: 40_000,
  'session-per-request': 40_000,
};
const USUAL_WAIT_MS = 20_000;
/** Users by HTTPS, and those who logged in before, are well there, and would be most of those that the logs show. */
const WITHOUT_USERS: readonly string[] = ['secure-cookie-on-http'];
/** Faults of a release. */
const AFTER_DEPLOY: readonly string[] = ['unreadable-sessions'];

// Weaknesses are for the canary.
const alone: readonly BenchCase[] = FAULTS.filter(({ finds }) => finds === undefined).map(({ name, runbook, cause, needsSticky }) => ({
  name,
  cloud: needsSticky ? 'sticky' : 'redis',
  faults: [name],
  runbook,
  expected: cause ? [cause] : [],
  waitMs: WAIT_MS[name] ?? USUAL_WAIT_MS,
  // That nobody is turned away is known from a minute that the load balancer has published.
  ...(!cause && runbook !== 'session-explosion' && { minute: 'running' as const }),
  ...(ALARM_OF[name] && { alarm: ALARM_OF[name] }),
  ...(WITHOUT_USERS.includes(name) && { withoutUsers: true as const }),
  ...(AFTER_DEPLOY.includes(name) && { afterDeploy: true as const }),
}));

const nothing = (cloud: CloudKind, runbook: Runbook): BenchCase => ({
  ...{ name: `nothing-${cloud}-${runbook}`, cloud, faults: [], runbook, expected: [], waitMs: 1_000 },
  ...(runbook !== 'session-explosion' && { minute: 'running' as const }),
});

/** Two at once: either cause is right, the other one is in `also`. */
const together = (faults: readonly string[], runbook: Runbook): BenchCase => ({
  ...{ name: faults.join('+'), cloud: 'redis', faults, runbook, waitMs: 30_000 },
  ...(faults.some((name) => AFTER_DEPLOY.includes(name)) && { afterDeploy: true as const }),
  expected: FAULTS.flatMap(({ name, cause }) => (cause && faults.includes(name) ? [cause] : [])),
});

/** On Tomcat sessions are in the servers' memory without any fault. */
const onTomcat = (cloud: 'tomcat' | 'access-log-valve'): readonly BenchCase[] => [
  ...alone
    .filter(({ name }) => name === 'stickiness-off' || name === 'session-changes-server')
    .map((one) => ({ ...one, name: `${one.name}-${cloud}`, cloud })),
  nothing(cloud, 'logged-out'),
];

const ALL: readonly BenchCase[] = [
  ...alone,
  nothing('sticky', 'logged-out'),
  nothing('redis', 'logged-out'),
  nothing('redis', 'store-failure'),
  nothing('redis', 'session-explosion'),
  together(['unreadable-sessions', 'bot'], 'logged-out'),
  together(['server-partitioned', 'pausing-users'], 'store-failure'),
  together(['missing-expiry', 'large-sessions'], 'session-explosion'),
  ...onTomcat('tomcat'),
  ...onTomcat('access-log-valve'),
];

export interface Choice {
  /** Without it, the seed's nine and no fault. */
  readonly all: boolean;
  readonly only?: readonly string[];
  /** Draws the order of the clouds, and of the cases in each. @default as they are listed */
  readonly seed?: string;
}

/** Each cloud is brought up once: its cases follow each other. */
export function casesOf({ all, only = [], seed }: Choice): readonly BenchCase[] {
  const isSeed = ({ faults, name, cloud }: BenchCase): boolean =>
    (faults.length === 0 && cloud === 'redis') || (faults.length === 1 && SEED_FAULTS.includes(name));
  const chosen = only.length > 0 ? ALL.filter(({ name }) => only.includes(name)) : all ? ALL : ALL.filter(isSeed);
  return shuffle(CLOUDS, seed).flatMap((cloud) =>
    shuffle(
      chosen.filter((one) => one.cloud === cloud),
      seed && `${seed} ${cloud}`,
    ),
  );
}

/** What the page of a case is about: an alarm of the store concerns every fleet. */
export const aboutOf = ({ alarm }: Pick<BenchCase, 'alarm'>, fleet: string): string =>
  alarm?.of === 'store' ? 'the session store' : `fleet ${fleet}`;

/** The seed's causes, planted alone, wherever they are planted. */
export const isSeedCase = ({ faults: [name = '', another] }: Pick<BenchCase, 'faults'>): boolean =>
  another === undefined && SEED_FAULTS.includes(name);

export const CASE_NAMES: readonly string[] = ALL.map(({ name }) => name);
