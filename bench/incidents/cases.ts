/** What is benchmarked: faults, alone, together and none at all, and what the runbook has to find. Pure. */
import type { Cause, Runbook } from '../../functions/incidents/contract/causes.ts';
import { FAULTS } from '../../local/incident-faults/table.ts';
import type { FleetInput } from '../../local/local-settings.ts';

export type Strategy = NonNullable<FleetInput['strategy']>;

export interface BenchCase {
  readonly name: string;
  readonly strategy: Strategy;
  /** Names of faults, in the order in which they are set. */
  readonly faults: readonly string[];
  readonly runbook: Runbook;
  /** Any of these is right; none: the runbook must find nothing. */
  readonly expected: readonly Cause[];
  /** From the last fault until the runbook starts. */
  readonly waitMs: number;
  /** The steady users pause during the case. */
  readonly withoutUsers?: true;
  /** The fleet's deploy is dated right before the case. */
  readonly afterDeploy?: true;
}

/** The seed's nine: each has to be found wherever it is planted alone. */
export const SEED_CAUSES: readonly Cause[] = [
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

/** What these show is words, a number that names no user, or one server of two: certain of that would be too much. */
export const LIKELY_AT_MOST: readonly string[] = ['store-rejects-logins', 'store-read-only', 'server-partitioned', 'unreadable-sessions'];
/** The collector and both servers show the same. */
export const MUST_BE_CERTAIN: readonly string[] = ['store-down', 'store-not-redundant', 'store-failing-over', 'store-connection-failures'];

/** Until users have noticed: they come back every second, those who pause within a minute and a half, a reading is a minute's. */
const WAIT_MS: Partial<Readonly<Record<string, number>>> = {
  'timeout-too-short': 100_000,
  'pausing-users': 100_000,
  'cookie-does-not-slide': 70_000,
  'store-down': 10_000,
  'store-not-redundant': 10_000,
  // Sentinel notices after 2 s and takes seconds more: before, ElastiCache has no event of it.
  'store-failing-over': 10_000,
  // What is in the store shows at once; the collector counts evictions and refused logins from one reading to the next.
  'missing-expiry': 25_000,
  'large-sessions': 25_000,
  evictions: 75_000,
  bot: 75_000,
  'store-rejects-logins': 75_000,
};
/** Users by HTTPS, and those who logged in before, are well there, and would be most of those that the logs show. */
const WITHOUT_USERS: readonly string[] = ['secure-cookie-on-http', 'cookie-does-not-slide'];
/** Faults of a release. */
const AFTER_DEPLOY: readonly string[] = ['unreadable-sessions'];

const USUAL_WAIT_MS = 25_000;
/** Until the collector has taken a reading since, which it does every minute. */
const EXPLOSION_WAIT_MS = 75_000;
/** Until the load balancer has published a whole minute since: without it nobody can say that no user is turned away. */
const MINUTE_WAIT_MS = 75_000;
const NOTHING_WAIT_MS: Readonly<Record<Runbook, number>> = {
  'logged-out': MINUTE_WAIT_MS,
  'store-failure': 1_000,
  'session-explosion': 1_000,
};

const alone: readonly BenchCase[] = FAULTS.map(({ name, runbook, cause, needsSticky }) => ({
  name,
  strategy: needsSticky ? 'sticky' : 'redis',
  faults: [name],
  runbook,
  expected: cause ? [cause] : [],
  ...(WITHOUT_USERS.includes(name) && { withoutUsers: true as const }),
  ...(AFTER_DEPLOY.includes(name) && { afterDeploy: true as const }),
  waitMs:
    WAIT_MS[name] ?? (cause === undefined ? NOTHING_WAIT_MS[runbook] : runbook === 'session-explosion' ? EXPLOSION_WAIT_MS : USUAL_WAIT_MS),
}));

const nothing = (strategy: Strategy, runbook: Runbook): BenchCase => ({
  ...{ name: `nothing-${strategy}-${runbook}`, strategy, faults: [], runbook, expected: [], waitMs: NOTHING_WAIT_MS[runbook] },
});

/** Two at once: either cause is right, the other one stands under `also`. */
const together = (faults: readonly string[], runbook: Runbook, strategy: Strategy = 'redis'): BenchCase => ({
  ...{ name: faults.join('+'), strategy, faults, runbook, waitMs: 30_000 },
  ...(faults.some((name) => AFTER_DEPLOY.includes(name)) && { afterDeploy: true as const }),
  expected: FAULTS.flatMap(({ name, cause }) => (cause && faults.includes(name) ? [cause] : [])),
});

const ALL: readonly BenchCase[] = [
  ...alone,
  nothing('sticky', 'logged-out'),
  nothing('redis', 'logged-out'),
  nothing('redis', 'store-failure'),
  nothing('redis', 'session-explosion'),
  together(['unreadable-sessions', 'bot'], 'logged-out'),
  together(['server-partitioned', 'pausing-users'], 'store-failure'),
  together(['missing-expiry', 'large-sessions'], 'session-explosion'),
];

/** Evictions, a failover and a deploy are evidence for minutes: those cases come last. What has to find nothing comes first. */
const LAST: readonly string[] = ['evictions', 'store-failing-over', 'deploy-in-progress'];
const place = ({ faults, expected }: BenchCase): number =>
  expected.length === 0 ? 0 : 1 + Math.max(0, ...faults.map((name) => LAST.indexOf(name) + 1));

/** Both kinds of fleet are brought up once: the one with most cases first. @param all without it, the seed's nine and no fault */
export function casesOf(all: boolean, only: readonly string[] = []): readonly BenchCase[] {
  const isSeed = ({ faults, name, strategy }: BenchCase): boolean =>
    (faults.length === 0 && strategy === 'redis') || (faults.length === 1 && (SEED_CAUSES as readonly string[]).includes(name));
  const chosen = only.length > 0 ? ALL.filter(({ name }) => only.includes(name)) : all ? ALL : ALL.filter(isSeed);
  return chosen.toSorted((a, b) => Number(a.strategy === 'sticky') - Number(b.strategy === 'sticky') || place(a) - place(b));
}

export const CASE_NAMES: readonly string[] = ALL.map(({ name }) => name);
