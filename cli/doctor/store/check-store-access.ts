import { counted } from '../../../functions/shared/counted.ts';
import { type Finding, type Findings, type StoreCheck, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { StoreSubject } from '../subject.ts';

/** Encryption of connections to the store, and who can sign in. */
export const checkStoreAccess: StoreCheck = (facts, subject) => {
  const store = known(facts.store);
  if (!subject.store.replicationGroup) return byConfiguration(subject.store);
  if (!store) return [];
  const findings: Finding[] = [];
  const tls = topic('store-tls', store.id, 'sessions and the store’s password travel over these connections; IAM users require TLS');
  const fix = 'set transit encryption to preferred, move every client to TLS, then set it to required';
  if (store.tls) findings.push(tls.ok('connections to the store are encrypted'));
  else if (subject.store.tls || subject.store.auth === 'iam')
    findings.push(tls.error('connections to the store are not encrypted, and the configuration expects TLS', fix));
  else findings.push(tls.warning('connections to the store are not encrypted, as configured', fix));
  return [...findings, access()].flat();

  /** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html */
  function access(): Findings {
    if (!store) return [];
    const about = topic('store-auth', store.id, 'anyone who can connect to the store without a password can read and write every session');
    if (store.userGroupIds.length === 0) {
      return [
        store.authToken
          ? about.notice('a single AUTH token gives access to the whole store', 'use users with restricted access strings (RBAC)')
          : about.error('the store requires no password', 'add a user group (RBAC) or an AUTH token'),
      ];
    }
    const users = known(facts.storeUsers);
    if (!users) return [];
    const open = users.filter(({ on, authentication }) => on && authentication === 'no-password').map(({ userName }) => userName);
    if (open.length > 0)
      return about.error(`user ${open.join(', ')} signs in without a password`, 'disable it (access string "off -@all") or set a password');
    if (users.some(({ userName, on }) => userName === 'default' && on)) {
      return about.warning(
        'the user "default" is on, and clients without a user name sign in as it',
        'disable it (access string "off -@all")',
      );
    }
    return about.ok(
      `${counted(users.length, 'user')} ${users.length === 1 ? 'signs' : 'sign'} in by password or IAM, and "default" is off`,
    );
  }
};

/** An existing store without a replication group in the configuration, which doctor cannot look up. */
function byConfiguration({ host = 'the store', tls, auth }: StoreSubject): Findings {
  const about = topic('store-access', host, 'anyone who can connect to the store can read and write every session');
  const findings = [
    about.unknown(
      `the configuration does not name the replication group of ${host}, so encryption, users, eviction policy and failover are unknown`,
      'set store.existing.replicationGroupId, or check them by hand',
    ),
  ];
  if (!tls) findings.push(about.warning(`connections to ${host} are not encrypted, as configured`, 'enable TLS and set tls to true'));
  if (auth === 'none') findings.push(about.error(`${host} requires no password, as configured`, 'add users or a password'));
  return findings;
}
