/** Rules of which fleets share sessions. */
import { type BrokenRule, collectBrokenRules, type Refuse } from './broken-rules.ts';
import { refuseElsewhere } from './existing-rules.ts';
import type { HoldfastConfig } from './installation.ts';
import { type SessionGroup, sessionGroups } from './session-groups.ts';

type Parts = Pick<HoldfastConfig, 'installation' | 'region' | 'account' | 'fleets' | 'store'>;

/** Default quota of users per user group. @see https://docs.aws.amazon.com/general/latest/gr/elasticache-service.html */
const MOST_USERS = 100;
/** `default`, one for each function that connects, and redis_exporter's. */
const USERS_OF_HOLDFAST = 6;
/** @see https://docs.aws.amazon.com/cli/latest/reference/elasticache/create-user.html */
const LONGEST_USER_ID = 40;

export function sessionRules(config: Parts): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('fleets');
  const groups = sessionGroups(config);
  for (const group of groups) {
    refuseOneSided(config, group, refuse);
    refuseDifferent(config, group, refuse);
    refuseWithoutColon(group, refuse);
  }
  refuseOtherStore(config, refuse);
  if (config.store.existing) return broken;
  for (const group of groups) refuseOverlap(group, groups, refuse);
  refuseUsers(config, groups, refuse);
  return broken;
}

/** Refuses a group that only one side names: a fleet must not get at another fleet's sessions unless both configure it. */
function refuseOneSided({ fleets }: Parts, { name, fleets: members }: SessionGroup, refuse: Refuse): void {
  const saying = members.filter((fleet) => fleets[fleet]?.sessions.group !== undefined);
  const why =
    saying.length < members.length
      ? `is the name of fleet ${name}, which does not share its sessions: set fleets.${name}.sessions.group to ${JSON.stringify(name)} too, or choose another name`
      : 'is the group of no other fleet: set it in each fleet that shares these sessions, or remove it';
  if (saying.length < members.length || members.length === 1) for (const fleet of saying) refuse(why, fleet, 'sessions', 'group');
}

function refuseDifferent({ fleets }: Parts, group: SessionGroup, refuse: Refuse): void {
  for (const fleet of group.fleets) {
    for (const key of ['keyPrefix', 'framework', 'application'] as const) {
      const own = fleets[fleet]?.sessions[key];
      if (own !== undefined && JSON.stringify(own) !== JSON.stringify(group[key]))
        refuse(`differs from that of fleet ${group.fleets[0]}, which shares its sessions (group ${group.name})`, fleet, 'sessions', key);
    }
  }
}

/**
 * Refuses a prefix without a colon at its end for Spring Session and Redisson: they add one themselves, so that the user's permissions,
 * which are made from the prefix as configured, would not cover their keys and channels.
 */
function refuseWithoutColon({ fleets: [fleet = ''], keyPrefix, framework, channels }: SessionGroup, refuse: Refuse): void {
  const isRedisson = /(^|:)redisson:/.test(keyPrefix);
  const adding = channels.some((one) => one === 'spring-session-indexed' || one === 'redisson-tomcat');
  if (!isRedisson && (needsColon(keyPrefix, framework) || (adding && !keyPrefix.endsWith(':'))))
    refuse(
      `is ${JSON.stringify(keyPrefix)}: for Spring Session and Redisson it has to end with a colon, which they add`,
      fleet,
      'sessions',
      'keyPrefix',
    );
}

/** Spring Session adds a colon that is not there. */
export const needsColon = (keyPrefix: string, framework: SessionGroup['framework']): boolean =>
  framework === 'spring-session' && !keyPrefix.endsWith(':');

function refuseOtherStore({ fleets, store, ...place }: Parts, refuse: Refuse): void {
  for (const [name, { sessions }] of Object.entries(fleets)) {
    if (sessions.application) refuseElsewhere(sessions.application.secretArn, place, refuse, name, 'sessions', 'application', 'secretArn');
    if (store.existing && sessions.channels)
      refuse('applies to a created store only: Holdfast does not change the users of an existing store', name, 'sessions', 'channels');
    if (!store.existing && sessions.application)
      refuse('applies to an existing store only: a created store has a user and secret per fleet', name, 'sessions', 'application');
  }
}

/**
 * Refuses a prefix that begins another group's prefix: a user's permission is its prefix and everything behind it, so it would reach both.
 */
function refuseOverlap({ name, fleets: [fleet = ''], keyPrefix, channels }: SessionGroup, groups: SessionGroup[], refuse: Refuse): void {
  const others = groups.filter((other) => other.name !== name);
  for (const other of others) {
    if (other.keyPrefix.startsWith(keyPrefix))
      refuse(
        `begins the keys of fleet ${other.fleets[0]} too (${other.keyPrefix}): each could read the other's sessions. Choose another prefix, or set sessions.group in both`,
        fleet,
        'sessions',
        'keyPrefix',
      );
    if (
      [channels, other.channels].every((all) => all.includes('redisson-tomcat')) &&
      beforeRedisson(keyPrefix) === beforeRedisson(other.keyPrefix)
    )
      refuse(
        `has the channels of Redisson in fleet ${other.fleets[0]} too: choose a prefix that does not begin with redisson:`,
        fleet,
        'sessions',
        'keyPrefix',
      );
    for (const channel of channels) {
      if (overlaps(channel, other.keyPrefix))
        refuse(
          `contains ${channel}, which matches channels of fleet ${other.fleets[0]} (${other.keyPrefix})`,
          fleet,
          'sessions',
          'channels',
        );
    }
  }
}

const beforeRedisson = (prefix: string): string => prefix.replace(/redisson:.*$/, '');

function overlaps(channel: string, prefix: string): boolean {
  const [literal = ''] = channel.split(/[*?[{]/);
  return channel.startsWith(prefix) || literal.startsWith(prefix) || (literal !== channel && prefix.startsWith(literal));
}

function refuseUsers({ installation }: Parts, groups: SessionGroup[], refuse: Refuse): void {
  if (groups.length + USERS_OF_HOLDFAST > MOST_USERS)
    refuse(
      `need ${groups.length} users of the store, and ElastiCache allows ${MOST_USERS - USERS_OF_HOLDFAST} in addition to Holdfast's own`,
    );
  for (const { name, fleets } of groups) {
    const id = applicationUserId(installation, name);
    if (id.length > LONGEST_USER_ID || id.includes('--') || id.endsWith('-'))
      refuse(
        `its user at the store cannot have the id ${id}: at most ${LONGEST_USER_ID} characters, without "--" and without "-" at the end`,
        fleets[0] ?? '',
        'sessions',
        'group',
      );
  }
}

export const applicationUserId = (installation: string, group: string): string => `${installation}-app-${group}`;

/** Name that the servers of a group's fleets sign in with. */
export const applicationUserName = ({ name }: Pick<SessionGroup, 'name'>): string => `app-${name}`;
