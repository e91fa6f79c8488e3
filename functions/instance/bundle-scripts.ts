/** How long a CodeDeploy bundle's scripts take at most, and which bundles can be on a server. */
import type { Records } from '../records/records.ts';
import { type Bundle, type BundleEvent, hookSeconds } from '../shared/app-contract.ts';
import { NO_RELEASE, NO_RELEASE_SHA256 } from '../shared/version.ts';
import type { InstalledRelease } from './instance-commands.ts';

/** Of the bundle whose Install ended last on the server. */
export const STOP_EVENTS: readonly BundleEvent[] = ['AfterBlockTraffic', 'ApplicationStop'];
const INSTALL_EVENTS: readonly BundleEvent[] = ['BeforeInstall', 'AfterInstall', 'ApplicationStart', 'ValidateService'];
/** Each second takes 0.7 of the 25,000 events of a target's history: the install's six hours 15,000, another event's hour 2,500. */
const LONGEST_INSTALL_SECONDS = 21_600;
export const LONGEST_HOOK_SECONDS = 3_600;
/** To fetch, unpack and copy, and to end what ignores its time-out. */
export const OTHER_WORK_SECONDS = 600;

export const longest = (seconds: number, most = LONGEST_INSTALL_SECONDS): number => Math.min(seconds + OTHER_WORK_SECONDS, most);

/**
 * How long the scripts of an install take at most, in seconds.
 * @param before the bundles that can be on the server
 */
export const installSeconds = (bundle: Bundle, before: readonly Bundle[]): number =>
  longest(hookSeconds(bundle, INSTALL_EVENTS) + Math.max(0, ...before.map((each) => hookSeconds(each, STOP_EVENTS))));

export const endSeconds = (bundle: Bundle): number => longest(hookSeconds(bundle, STOP_EVENTS));

export const bundlesOf = async (records: Pick<Records, 'getRelease'>, fleet: string, versions: readonly string[]): Promise<Bundle[]> => {
  const releases = await Promise.all([...new Set(versions)].map((version) => records.getRelease(fleet, version)));
  return releases.flatMap((release) => release?.app.bundle ?? []);
};

/** Scripts alone: there is nothing to fetch, and the server knows whose they are. */
export const scriptsAlone = (fleet: string, scripts: NonNullable<InstalledRelease['scripts']>): InstalledRelease => ({
  fleet,
  version: NO_RELEASE,
  sha256: NO_RELEASE_SHA256,
  scripts,
});
