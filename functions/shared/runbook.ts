/** Where the runbook explains each alarm: on which of its pages. Alarms, reports, the console and the documentation's tests share it. Pure. */
import type { FleetAlarm, StoreAlarm } from './naming.ts';

const DOCUMENTATION = 'docs';
export const RUNBOOK_PAGES = ['runbook/at-night.md', 'runbook/logged-out.md', 'runbook/deploys.md', 'runbook/administration.md'] as const;
const [AT_NIGHT, LOGGED_OUT, DEPLOYS, ADMINISTRATION] = RUNBOOK_PAGES;
type Page = (typeof RUNBOOK_PAGES)[number];

/** Alarms that see users without their sessions. */
const OF_USERS: readonly (StoreAlarm | FleetAlarm)[] = [
  'hit-rate-drop',
  'active-session-drop',
  'sessions-lost',
  'logins-again',
  'redirects',
  'refusals',
  'load-balancer-refusals',
  'logins-repeated',
  'redirect-loop',
];

/** Alarms about a deploy's work, which people who deploy read. */
const OF_DEPLOYS: readonly FleetAlarm[] = [
  'deploy-failed',
  'deploy-timed-out',
  'deploy-stuck',
  'orphaned-lock',
  'clean-up-failed',
  'clean-up-dead-letters',
  'lifecycle-dead-letters',
  'retained-servers',
];
/** Alarms that can wait until the morning. */
const OF_ADMINISTRATION: readonly (StoreAlarm | FleetAlarm | 'incidents-dead-letters')[] = [
  'keys-without-ttl',
  'keys-unrepaired',
  'sweep-overdue',
  'incidents-dead-letters',
  'canary-findings',
  'canary-silent',
];

const PAGES: readonly (readonly [headings: readonly string[], page: Page])[] = [
  [OF_USERS, LOGGED_OUT],
  [OF_DEPLOYS, DEPLOYS],
  [OF_ADMINISTRATION, ADMINISTRATION],
];

/** The page, below the documentation's folder, that has the heading of an alarm. */
export const runbookPage = (heading: string): Page => PAGES.find(([headings]) => headings.includes(heading))?.[1] ?? AT_NIGHT;

/**
 * An address that can be opened, or a path of the repository.
 * @param page below the documentation's folder
 * @param base the configuration's `documentation`: `https://git.example.com/holdfast/blob/main/docs`
 */
export const documentationAddress = (page: string, base: string = DOCUMENTATION): string => `${base.replace(/\/$/, '')}/${page}`;

export const runbookAddress = (heading: string, base?: string): string => documentationAddress(`${runbookPage(heading)}#${heading}`, base);

/**
 * How many functions one runbook of incidents has at work at the same moment, at most. A new account's functions share 10: next to these
 * there is room for a deploy of two servers, or its rollback.
 */
export const RUNBOOK_FUNCTIONS_AT_ONCE = 4;
