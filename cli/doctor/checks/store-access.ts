import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { StoreSubject } from '../subject.ts';
import type { Check } from './check.ts';

/** Encryption on the way to the store, and who may come in. */
export const checkStoreAccess: Check = (facts, subject) => {
  const store = seen(facts.store);
  if (!subject.store.replicationGroup) return byConfiguration(subject.store);
  if (!store) return [];
  const findings: Finding[] = [];
  const tls = topic('store-tls', store.id, 'a session’s content and the password that opens the store pass here; IAM users need TLS');
  const mend = 'set transit encryption to preferred, move every client to TLS, then to required';
  if (store.tls) findings.push(tls.ok('connections to the store are encrypted'));
  else if (subject.store.tls || subject.store.auth === 'iam')
    findings.push(tls.error('connections to the store are not encrypted, and the configuration expects TLS', mend));
  else findings.push(tls.warning('connections to the store are not encrypted, as the configuration says', mend));
  findings.push(...access());
  return findings;

  /** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html */
  function access(): Finding[] {
    if (!store) return [];
    const about = topic('store-auth', store.id, 'whoever reaches the store without a password reads and writes everybody’s sessions');
    if (store.userGroupIds.length === 0) {
      return [
        store.authToken
          ? about.notice('one AUTH token opens the whole store to everyone who has it', 'move to users with narrow access strings (RBAC)')
          : about.error('the store asks for no password', 'give it a user group (RBAC), or an AUTH token'),
      ];
    }
    const users = seen(facts.storeUsers);
    if (!users) return [];
    const open = users.filter(({ on, authentication }) => on && authentication === 'no-password').map(({ userName }) => userName);
    if (open.length > 0)
      return [
        about.error(
          `user ${open.join(', ')} signs in without a password`,
          'switch it off (access string "off -@all") or give it a password',
        ),
      ];
    if (users.some(({ userName, on }) => userName === 'default' && on)) {
      return [about.warning('the user "default" is on: whoever names no user comes in as it', 'switch it off: access string "off -@all"')];
    }
    return [about.ok(`${users.length} users sign in by password or IAM, and "default" is off`)];
  }
};

/** A store whose replication group nobody named, or that is no ElastiCache: only the configuration speaks of it. */
function byConfiguration({ host = 'the store', tls, auth }: StoreSubject): Finding[] {
  const about = topic('store-access', host, 'whoever reaches the store reads and writes everybody’s sessions');
  const findings = [
    about.unknown(
      `${host} is named without its replication group: encryption, users, eviction policy and failover were not looked at`,
      'set store.existing.replicationGroupId, or look at them by hand',
    ),
  ];
  if (!tls)
    findings.push(about.warning(`connections to ${host} are not encrypted, by the configuration`, 'switch on TLS and set tls to true'));
  if (auth === 'none') findings.push(about.error(`${host} asks for no password, by the configuration`, 'give it users or a password'));
  return findings;
}
