/** Which fleets share sessions, and what each group of them has at the store. Pure. */
import type { ApplicationPrefix } from '../../functions/sweep/contract/settings.ts';
import { sessionManagerOf } from './app-kind.ts';
import type { FleetConfig } from './fleet.ts';
import type { HoldfastConfig } from './installation.ts';
import type { SessionsConfig } from './sessions.ts';

/** One or several fleets with a user, a secret and a key prefix of their own. */
export interface SessionGroup {
  /** The configured group, or the name of its only fleet. */
  readonly name: string;
  readonly fleets: readonly string[];
  readonly keyPrefix: string;
  readonly framework?: SessionsConfig['framework'];
  readonly channels: NonNullable<SessionsConfig['channels']>;
  /** In an existing store. Absent: the servers sign in without a password. */
  readonly application?: SessionsConfig['application'];
}

type Parts = Pick<HoldfastConfig, 'fleets' | 'store'>;

/** In the order of the configuration's fleets. Where fleets of a group differ, which the configuration's rules refuse, the first counts. */
export function sessionGroups({ fleets, store }: Parts): SessionGroup[] {
  const members = Map.groupBy(Object.entries(fleets), ([name, { sessions }]) => sessions.group ?? name);
  return [...members].map(([name, entries]) => {
    const settings = entries.map(([, { sessions }]) => sessions);
    const first = <K extends keyof SessionsConfig>(key: K) => settings.find((one) => one[key] !== undefined)?.[key];
    return {
      name,
      fleets: entries.map(([fleet]) => fleet),
      keyPrefix: first('keyPrefix') ?? store.existing?.keyPrefix ?? `sess:${name}:`,
      framework: first('framework'),
      channels: [...new Set(entries.flatMap(([, fleet]) => [...channelsOfApp(fleet), ...(fleet.sessions.channels ?? [])]))],
      application: first('application') ?? store.existing?.application,
    };
  });
}

/**
 * Redisson announces each logout on a channel. Without access to it, other servers that hold a copy would go on serving the ended session.
 */
const channelsOfApp = (fleet: FleetConfig): NonNullable<SessionsConfig['channels']> =>
  sessionManagerOf(fleet) === 'redisson' ? ['redisson-tomcat'] : [];

export const sessionGroupOf = (config: Parts, fleetName: string): SessionGroup =>
  sessionGroups(config).find(({ fleets }) => fleets.includes(fleetName)) as SessionGroup;

/** What the sessions of applications that no fleet deploys begin with. */
export const namedSessions = ({ store }: Pick<HoldfastConfig, 'store'>): NonNullable<NamedSessions> =>
  ('sessions' in store ? store.sessions : undefined) ?? [];
type NamedSessions = Extract<HoldfastConfig['store'], { sessions?: unknown }>['sessions'];

/** What the sessions of all fleets, and those of store.sessions, begin with; each prefix once. */
export function applicationPrefixes(config: Parts): ApplicationPrefix[] {
  const prefixes = new Map<string, ApplicationPrefix>();
  for (const { keyPrefix, framework } of [...sessionGroups(config), ...namedSessions(config)]) {
    if (!prefixes.has(keyPrefix) || framework) prefixes.set(keyPrefix, { prefix: keyPrefix, ...(framework && { framework }) });
  }
  return [...prefixes.values()];
}
