/** Rules of an installation without fleets, and of the sessions in an existing store that no fleet deploys. Pure. */
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { HoldfastConfig } from './installation.ts';
import { namedSessions, sessionGroups } from './session-groups.ts';
import { needsColon } from './session-rules.ts';

type Parts = Pick<HoldfastConfig, 'fleets' | 'store' | 'network'>;

export function namedSessionRules(config: Parts): BrokenRule[] {
  return [...missing(config), ...usualPrefix(config), ...overlapping(config)];
}

/** Without a fleet there is nothing to do but to watch sessions of which the prefix is known. */
function missing({ fleets, store, network }: Parts): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (Object.keys(fleets).length > 0) {
    if (network.existing && network.existing.webSubnetIds === undefined)
      refuse('is required with fleets: the subnets of load balancer and servers, at least two', 'network', 'existing', 'webSubnetIds');
    return broken;
  }
  if (!store.existing)
    refuse(
      'has no fleet, which a created store is for. Add one; or name a store that exists in store.existing, and its sessions in store.sessions',
      'fleets',
    );
  else if (store.sessions === undefined)
    refuse('is required without fleets: what the keys of the sessions begin with, such as [{ "keyPrefix": "sess:" }]', 'store', 'sessions');
  return broken;
}

/** The prefix of several applications is none that a fleet means without naming it. */
function usualPrefix({ fleets, store }: Omit<Parts, 'network'>): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (!store.existing || store.sessions === undefined) return broken;
  const usual = store.existing.keyPrefix;
  if (usual !== undefined && Object.keys(fleets).length === 0)
    refuse('is for fleets, and there is none: name the prefix in store.sessions alone', 'store', 'existing', 'keyPrefix');
  if (usual !== undefined) return broken;
  for (const { fleets: members } of sessionGroups({ fleets, store })) {
    const [name = ''] = members;
    if (members.every((member) => fleets[member]?.sessions.keyPrefix === undefined))
      refuse('is required with store.sessions, unless store.existing.keyPrefix is set', 'fleets', name, 'sessions', 'keyPrefix');
  }
  return broken;
}

/**
 * Refuses prefixes of which one begins the other: a sweep could not keep the sessions of two applications apart. A fleet's may be one of
 * store.sessions: it then deploys the application that Holdfast has watched.
 */
function overlapping(config: Omit<Parts, 'network'>): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('store', 'sessions');
  const named = namedSessions(config);
  const ofFleets = sessionGroups(config);
  named.forEach(({ keyPrefix, framework }, at) => {
    const others = named.slice(0, at);
    for (const other of others)
      if (beginAlike(keyPrefix, other.keyPrefix))
        refuse(
          `${alike(keyPrefix, other.keyPrefix)} of store.sessions: name the shorter one alone, or choose another prefix in the application`,
          at,
          'keyPrefix',
        );
    for (const { fleets, keyPrefix: prefix, framework: own } of ofFleets) {
      if (keyPrefix !== prefix && beginAlike(keyPrefix, prefix))
        refuse(`${alike(keyPrefix, prefix)} of fleet ${fleets[0]}: name the same prefix in both, or choose another one`, at, 'keyPrefix');
      if (keyPrefix === prefix && framework !== undefined && own !== undefined && framework !== own)
        refuse(`differs from that of fleet ${fleets[0]}, whose sessions begin with the same prefix`, at, 'framework');
    }
    if (needsColon(keyPrefix, framework)) refuse('has to end with a colon for Spring Session, which adds one', at, 'keyPrefix');
  });
  return broken;
}

const beginAlike = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

const alike = (prefix: string, other: string): string =>
  prefix === other ? `is ${JSON.stringify(other)}` : `begins as ${JSON.stringify(other)}`;
