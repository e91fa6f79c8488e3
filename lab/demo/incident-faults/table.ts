/** The faults: what each changes, and the cause that its runbook has to find. */
import type { FindingName } from '../../../functions/canary/contract/findings.ts';
import { CAUSES, type Cause, type Runbook } from '../../../functions/incidents/contract/causes.ts';
import type { Change, ChangeOf, Fault } from './contract.ts';

const MEMORY = { COUNTER_SESSIONS: 'memory', COUNTER_ROUTE: '{server}' };

const runbookOf = (cause: Cause): Runbook =>
  (Object.keys(CAUSES) as Runbook[]).find((runbook) => (CAUSES[runbook] as readonly string[]).includes(cause)) as Runbook;

/** Faults of which a cause has several. */
const CAUSE_OF = {
  'route-mismatch': 'session-changes-server',
  'store-rejects-logins': 'store-refuses',
  'store-read-only': 'store-refuses',
  'secure-cookie-on-http': 'cookies-stripped',
  'same-site-strict': 'same-site',
  'store-not-redundant': 'store-down',
  evictions: 'store-full',
  'structural-growth': 'not-sessions',
} as const satisfies Record<string, Cause>;
const isOther = (name: string): name is keyof typeof CAUSE_OF => name in CAUSE_OF;

const fault = (name: Cause | keyof typeof CAUSE_OF, sentence: string, changes: readonly Change[], more: Partial<Fault> = {}): Fault => {
  const cause = isOther(name) ? CAUSE_OF[name] : name;
  return { ...{ name, sentence, cause, runbook: runbookOf(cause), changes }, ...more };
};

const confounder = (name: string, runbook: Runbook, sentence: string, changes: readonly Change[]): Fault => ({
  ...{ name, runbook, sentence, changes },
});

/** A weakness for the canary. Nobody is harmed by it, so that a runbook has to find nothing. */
const weakness = (finds: FindingName, sentence: string, changes: readonly Change[]): Fault => ({
  ...{ name: finds, runbook: 'logged-out', finds, sentence, changes },
});

const environment = (variables: Readonly<Record<string, string>>, servers: ChangeOf<'environment'>['servers'] = 'all'): Change => ({
  ...{ kind: 'environment', servers, variables },
});
const IN_MEMORY = environment(MEMORY);

/** A port that nothing listens on: a connection is refused, as by a security group's reset or a wrong address. */
const NOWHERE = { SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_PORT: '1' };

export const FAULTS: readonly Fault[] = [
  fault(
    'stickiness-off',
    "Sessions are in each server's memory, and the target group's stickiness is switched off.",
    [IN_MEMORY, { kind: 'stickiness', attributes: { 'stickiness.enabled': 'false' } }],
    { needsSticky: true },
  ),
  fault(
    'route-mismatch',
    "Sessions are in each server's memory, and one server gives them another server's route, which it then refuses.",
    // Users come besides those who were there: where a start leaves those is not certain, and they can all be on the other servers.
    [
      environment({ ...MEMORY, COUNTER_ROUTE: 'another-server', COUNTER_OWN_ROUTE: '{server}' }, 'first'),
      environment(MEMORY, 'rest'),
      { kind: 'visitors', visit: 'active-users' },
    ],
    { needsSticky: true },
  ),
  fault(
    'session-changes-server',
    "Sessions are in each server's memory, and users come whose browsers do not return the load balancer's cookie.",
    [IN_MEMORY, { kind: 'visitors', visit: 'without-balancer-cookie' }],
    { needsSticky: true },
  ),
  fault(
    'deploy-in-progress',
    "Sessions are in each server's memory, and another release is being deployed.",
    [IN_MEMORY, { kind: 'deploy' }],
    {
      needsSticky: true,
    },
  ),
  fault('timeout-too-short', 'The store forgets a session after 30 idle seconds, although its cookie lives 30 minutes.', [
    environment({ COUNTER_STORE_TTL_SECONDS: '30' }),
    { kind: 'visitors', visit: 'pausing-users' },
  ]),
  fault('same-site-strict', 'Users come back from a page of another site, to which SameSite=Strict gives no cookie.', [
    { kind: 'visitors', visit: 'from-other-site' },
  ]),
  fault('store-connection-failures', 'No server reaches the store, and the application takes an unread session for none.', [
    environment({ ...NOWHERE, COUNTER_STORE_ERRORS: 'logged-out' }),
  ]),
  fault('unreadable-sessions', 'One server stores sessions in a format that the others cannot read.', [
    { kind: 'sessions' },
    environment({ COUNTER_STORE_ERRORS: 'logged-out' }),
    environment({ COUNTER_FORMAT: '2' }, 'first'),
  ]),
  fault('store-down', 'Every node of the store hangs.', [{ kind: 'pauseStore', nodes: 'all' }]),
  fault('store-not-redundant', 'The store has one node and no failover, and that node hangs.', [
    { kind: 'singleNode' },
    { kind: 'pauseStore', nodes: 'primary' },
  ]),
  fault('store-failing-over', "The primary's process is killed, and a replica takes its place.", [{ kind: 'killPrimary' }]),
  fault('server-partitioned', 'One server does not reach the store.', [environment(NOWHERE, 'first')]),
  fault('store-rejects-logins', 'The servers log in to the store as a user that it does not have.', [
    // Each start reads the password from the secret anew, after these variables.
    environment({ SESSION_STORE_USER: 'changed-on-one-side-alone' }),
  ]),
  fault('store-read-only', "The servers are given the store's reader endpoint, where replicas refuse writes.", [
    environment({ SESSION_STORE_HOST: '{readerHost}', SESSION_STORE_PORT: '{readerPort}' }),
  ]),
  fault('evictions', 'The store has little memory, and each login stores 200 KB in its session.', [
    { kind: 'sessions' },
    { kind: 'maxMemory', bytes: 24 * 1_048_576 },
    environment({ COUNTER_SESSION_BYTES: '200000' }),
    { kind: 'visitors', visit: 'more-users' },
  ]),
  fault('secure-cookie-on-http', 'The load balancer serves users by plain HTTP, and the session cookie is for HTTPS alone.', [
    { kind: 'plainListener' },
    // A login with every visit.
    { kind: 'sessions' },
    environment({ COUNTER_SECURE_COOKIE: 'true' }),
    { kind: 'visitors', visit: 'by-http' },
  ]),
  fault('structural-growth', "Spring Session's index of users fills four fifths of the store.", [{ kind: 'storeKeys', keys: 'index' }]),
  fault('not-sessions', 'A cache of pages fills four fifths of the store.', [{ kind: 'storeKeys', keys: 'other' }]),
  fault('missing-expiry', 'Sessions are stored without an expiry, and users go on logging in.', [
    { kind: 'sessions' },
    environment({ COUNTER_NO_TTL: 'true' }),
    { kind: 'visitors', visit: 'more-users' },
  ]),
  fault('large-sessions', 'Each login stores 200 KB in its session.', [
    { kind: 'sessions' },
    environment({ COUNTER_SESSION_BYTES: '200000' }),
    { kind: 'visitors', visit: 'more-users' },
  ]),
  fault('session-per-request', 'Every request without a session makes one, and a crawler returns no cookie.', [
    environment({ COUNTER_SAVE_ALL: 'true' }),
    { kind: 'visitors', visit: 'bot' },
  ]),
  confounder('bot', 'session-explosion', 'A crawler requests the page, and no session is made for it.', [
    { kind: 'visitors', visit: 'bot' },
  ]),
  confounder('pausing-users', 'logged-out', 'Users pause up to a minute, and their sessions wait for them.', [
    { kind: 'visitors', visit: 'pausing-users' },
  ]),
  confounder('restart', 'logged-out', 'Every server is started again; the sessions are in the store.', [environment({})]),
  weakness('page-cacheable', 'Browsers and proxies may keep the pages of users for a minute.', [
    environment({ COUNTER_CACHEABLE: 'true' }),
  ]),
  weakness('id-kept-at-re-login', "A login keeps the session's id.", [environment({ COUNTER_KEEP_ID: 'true' })]),
];

/** Causes that have no fault here, and why. */
export const NOT_PRODUCIBLE: Partial<Readonly<Record<Cause, string>>> = {
  'servers-replaced': 'the demo keeps its servers; an instance refresh replaces them through the same drain as a deploy',
  'store-emptied': 'emptying the store takes the sessions of every other case with it',
  'secret-differs': 'the servers of the demo share their secret by its configuration',
  'front-refuses': 'the local load balancer has no firewall',
  'sign-in-fails': 'the local load balancer signs nobody in',
};

export const findFault = (name: string): Fault | undefined => FAULTS.find((one) => one.name === name);
