/** What is expected of each case of bundles. Pure. */
export const BUNDLE_CASES = [
  'adopted-first-deploy',
  'second',
  'bad-hook',
  'bad-hook-before-install',
  'failed-stop',
  'never-ready',
  'abort',
  'reboot',
  'redelivered',
  'new-server',
  'termination',
] as const;
export type BundleCaseName = (typeof BUNDLE_CASES)[number];
export const BUNDLE_FLEETS = ['tomcat', 'node'] as const;
export type BundleFleetName = (typeof BUNDLE_FLEETS)[number];
export type BundleChoice = Readonly<Partial<Record<BundleFleetName, readonly BundleCaseName[]>>>;
export const isBundleCase = (name: string): name is BundleCaseName => (BUNDLE_CASES as readonly string[]).includes(name);
export const isBundleFleet = (name: string): name is BundleFleetName => (BUNDLE_FLEETS as readonly string[]).includes(name);

export interface BundleCase {
  readonly name: BundleCaseName;
  readonly fleet: BundleFleetName;
  readonly requests: number;
  readonly failed: number;
  readonly sessionsLost: number;
  /** What a plain restart of the servers that were restarted loses: the sessions that were in their memory. */
  readonly expectedLost: number;
  readonly rolledBack: boolean;
}

/** A case, and what is wrong after it. */
export interface JudgedCase extends BundleCase {
  /** A sentence each. */
  readonly problems: readonly string[];
}

/** Servers of an Auto Scaling group alone come and go. */
export const casesOf = (kind: BundleFleetName): readonly BundleCaseName[] =>
  BUNDLE_CASES.filter((name) => kind === 'tomcat' || !['new-server', 'termination'].includes(name));

const ROLLED_BACK: readonly BundleCaseName[] = ['bad-hook', 'bad-hook-before-install', 'failed-stop', 'never-ready', 'abort', 'reboot'];

export function unmetByBundle({ name, fleet, requests, failed, sessionsLost, expectedLost, rolledBack, problems }: JudgedCase): string[] {
  const wanted = ROLLED_BACK.includes(name);
  return [
    ...(requests > 0 ? [] : ['no request was sent']),
    ...(failed === 0 ? [] : [`${failed} of ${requests} requests failed`]),
    ...(sessionsLost <= expectedLost ? [] : [`${sessionsLost} users lost a session, and a plain restart ends ${expectedLost}`]),
    ...(rolledBack === wanted ? [] : [`the deploy was ${rolledBack ? '' : 'not '}rolled back`]),
    ...problems,
  ].map((problem) => `${fleet}, ${name}: ${problem}`);
}
