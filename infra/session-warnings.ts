/**
 * Warnings at synthesis about fleets that can reach each other's sessions although the configuration does not say so, or that cannot reach
 * their own. Pure.
 */
import { holdfast } from '../functions/shared/command-options.ts';
import { sessionManagerOf } from './config/app-kind.ts';
import type { FleetConfig } from './config/fleet.ts';
import type { HoldfastConfig } from './config/installation.ts';
import { namedSessions, type SessionGroup, sessionGroups } from './config/session-groups.ts';
import type { Warning } from './strategy-warnings.ts';

type Parts = Pick<HoldfastConfig, 'fleets' | 'store'>;

export function sessionWarnings(config: Parts): Warning[] {
  const groups = sessionGroups(config);
  const withoutPassword = missingSignIn(config, groups);
  const alone = [...withoutPassword, ...(config.store.existing ? oneSlot(config, groups) : [])];
  if (groups.length < 2) return alone;
  return [...alone, ...(config.store.existing ? [...sharedSignIn(groups), ...sharedPrefix(groups)] : []), ...sharedRole(config, groups)];
}

/** Synthesis reads no record: whether sweeps have run, and how, is not known here. */
export function sweepWarnings({ store, sweep }: Pick<HoldfastConfig, 'store' | 'sweep'>): Warning[] {
  if (store.existing === undefined || sweep.policy !== undefined) return [];
  return [
    {
      id: 'holdfast:sweep-policy-not-chosen',
      message: `The store is yours, and sweep.policy is absent: sweeps of a new installation report keys without a TTL and change none. One whose sweeps already give them a TTL ("expire") goes on. Read a report (${holdfast('sweep --dry-run')}), then set sweep.policy to "expire" or "report".`,
    },
  ];
}

/** Fleets whose servers have no user at an existing store that asks for one. It is no error: its default user can need no password. */
function missingSignIn({ store, fleets }: Parts, groups: readonly SessionGroup[]): Warning[] {
  const auth = store.existing?.auth ?? 'none';
  if (auth === 'none') return [];
  const without = groups
    .filter(({ application }) => application === undefined)
    .flatMap((group) => group.fleets.filter((name) => keepsInStore(fleets[name])));
  if (without.length === 0) return [];
  return [
    {
      id: 'holdfast:servers-sign-in-without-password',
      message: `The servers of fleet${without.length > 1 ? 's' : ''} ${without.join(', ')} sign in to the existing store without a password, and Holdfast's functions do so with auth "${auth}": unless the store's default user needs no password, the first release fails at its health gate. Name the application's user and secret in store.existing.application or in fleets.NAME.sessions.application.`,
    },
  ];
}

/** A created store is never in cluster mode, and whether an existing one is, is not known here. */
function oneSlot(config: Parts, groups: readonly SessionGroup[]): Warning[] {
  const all = [
    ...groups.map(({ keyPrefix, fleets }) => ({ keyPrefix, whose: `keys of fleet ${fleets.join(', ')}` })),
    ...namedSessions(config).map(({ keyPrefix }) => ({ keyPrefix, whose: 'keys of store.sessions' })),
  ];
  return all
    .filter(({ keyPrefix }) => /\{[^}]+\}/.test(keyPrefix))
    .map(({ keyPrefix, whose }) => ({
      id: 'holdfast:key-prefix-is-one-slot',
      message: `The ${whose} begin with ${keyPrefix}: if the existing store is in cluster mode, the text in braces puts all of them into one slot, and so on one shard, whatever the number of shards. Frameworks that rename a session (Spring Session's changeSessionId) or read several at once need that there; leave the braces out for others.`,
    }));
}

const keepsInStore = (fleet: FleetConfig | undefined): boolean =>
  fleet !== undefined &&
  (fleet.strategy === 'redis' || (fleet.app !== undefined && sessionManagerOf(fleet.app, fleet.strategy) === 'redisson'));

/** Fleets of different groups whose servers know each other's password at an existing store, or need none. */
function sharedSignIn(groups: readonly SessionGroup[]): Warning[] {
  const signIns = [
    alike(groups, userOf).map((some) => ({ some, how: some[0]?.application ? 'as the same user' : 'without a password' })),
    // A secret for two users gives each the password of the other.
    alike(
      groups.filter(({ application }) => application !== undefined),
      ({ application }) => application?.secretArn,
    )
      .filter((some) => new Set(some.map(userOf)).size > 1)
      .map((some) => ({ some, how: 'with the password of the same secret' })),
  ];
  return signIns.flat().map(({ some, how }) => ({
    id: 'holdfast:fleets-share-store-user',
    message: `${fleetsOf(some)} sign in to the existing store ${how}: a server of one fleet can read, change and delete the sessions of the others. Give each a user with its own key pattern and its own secret, and name it in fleets.NAME.sessions.application; or set the same sessions.group if they are to share sessions.`,
  }));
}

/** The user is `default` if the application names none, and undefined if the group has no password: these two never match. */
const userOf = ({ application }: SessionGroup): string | undefined => application && (application.userName ?? 'default');

function sharedPrefix(groups: readonly SessionGroup[]): Warning[] {
  const overlapping = groups.filter((one) =>
    groups.some((other) => other !== one && (one.keyPrefix.startsWith(other.keyPrefix) || other.keyPrefix.startsWith(one.keyPrefix))),
  );
  if (overlapping.length === 0) return [];
  return [
    {
      id: 'holdfast:fleets-share-key-prefix',
      message: `The keys of ${fleetsOf(overlapping)} begin alike (${[...new Set(overlapping.map(({ keyPrefix }) => keyPrefix))].join(', ')}): no key pattern of the existing store can keep them apart. Set fleets.NAME.sessions.keyPrefix; or the same sessions.group if they are to share sessions.`,
    },
  ];
}

/** An existing role gets the permission to read the secret of each fleet that lists it. */
function sharedRole({ fleets }: Parts, groups: readonly SessionGroup[]): Warning[] {
  const withRole = groups.flatMap((group) =>
    [...new Set(group.fleets.flatMap((name) => fleets[name]?.existing?.instanceRoleName ?? []))].map((role) => ({ group, role })),
  );
  return alike(withRole, ({ role }) => role).map((some) => ({
    id: 'holdfast:fleets-share-instance-role',
    message: `${fleetsOf(some.map(({ group }) => group))} have the same existing.instanceRoleName ${some[0]?.role}: their servers can read each other's secret of the session store. Give each fleet a role of its own.`,
  }));
}

/** Returns the sets of two or more that have the same key. */
function alike<T>(all: readonly T[], key: (one: T) => string | undefined): T[][] {
  return [...Map.groupBy(all, key).values()].filter((some) => some.length > 1);
}

const fleetsOf = (groups: readonly SessionGroup[]): string => `Fleets ${groups.flatMap(({ fleets }) => fleets).join(', ')}`;
