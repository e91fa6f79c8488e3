/** What people do where no cause explains the trouble, by what they notice or the store shows: a table. What it shares with says.ts is here. */
import type { ChangeKind } from '../contract/evidence.ts';
import type { ChannelName } from '../trouble/channels.ts';
import type { Act } from './incident-page.ts';
import type { FactName } from './step-facts.ts';

/** `when`: facts that have to be known. `unless`: facts that must not be. */
type Condition = { readonly when?: readonly FactName[]; readonly unless?: readonly FactName[] };

/** `{name}` is a fact of the evidence: a step with one that is not known is left out. */
export interface StepRow extends Condition {
  readonly act: Act;
  readonly text: string;
  /** Of Holdfast, whose options are added, or of the AWS CLI. A whole `{fact}` has its options already. */
  readonly commands: readonly string[];
}

/** `undo`: the change of one of these kinds that is nearest to the begin of the trouble. `mitigations`: those that a person can have carried out; else they come last. */
export type Row = StepRow | 'mitigations' | (Condition & { readonly undo: readonly ChangeKind[] });

export const step = (act: Act, text: string, commands: string | readonly string[] = [], condition: Condition = {}): StepRow => ({
  ...{ act, text, commands: typeof commands === 'string' ? [commands] : commands },
  ...condition,
});
export const undo = (...kinds: readonly ChangeKind[]): Row => ({ undo: kinds });

export const EVENTS = 'aws elasticache describe-events --source-identifier {store} --source-type replication-group --start-time {before}';
export const WEB_ACL = 'aws wafv2 get-web-acl-for-resource --resource-arn {load_balancer}';
const RULES = 'aws elbv2 describe-rules --listener-arn {listener}';
const TARGETS =
  "aws elbv2 describe-target-health --target-group-arn {target_group} --query 'TargetHealthDescriptions[].[Target.Id, TargetHealth.State, TargetHealth.Reason]' --output table";
const BALANCER =
  "aws elbv2 describe-load-balancers --load-balancer-arns {load_balancer} --query 'LoadBalancers[].[DNSName, State.Code]' --output text";

export const READ_STORE = step('see-store', 'Read the state of the store, as the collector last saw it.', 'store');
export const COMPARE = step('see-status', 'Compare the load balancer, the servers and the store with the configuration.', 'doctor');
const FOLLOW_COOKIE = step(
  'see-cookie',
  'Log in by hand, and follow the session cookie: whether it is set, sent with the next request, and known to each server.',
  'status',
);
/** What is known to have happened is not searched for. */
export const PASSED = step('see-store', '{past}: that was when the trouble began. See why in its events.', [EVENTS, 'store']);
export const OVER = step(
  'see-changes',
  'It is over: see that it stays so, and find what changed when it began (a secret, a setting, a restart, a deploy).',
  'deploys',
);
export const NOTHING: readonly StepRow[] = [
  step('nothing', 'Nothing, unless users report trouble. Then compare all with the configuration.', 'doctor', { unless: ['asked'] }),
  step(
    'see-cookie',
    'Ask who reports it which page, what it showed, since when; then log in by hand, and follow the session cookie from request to request.',
    'status',
    { when: ['asked'] },
  ),
];

const WHO_CONNECTS = step(
  'end-command',
  'Stop what opens so many connections: none is left at {noConnections}. Restart no server: it would lose its own.',
  'store',
);
export const ALONE = step('replace-server', '{alone} alone answers so: restart it. The command drains it first.', 'restart {alone}');
const LOGS = 'logs --around {onset}';

/**
 * What an error says by itself: the first of the page's new lines, whatever users see of it. The words are those of the engine
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors), of Java, Node and their libraries.
 */
export const LINE_SAYS: readonly (readonly [words: readonly string[], row: StepRow])[] = [
  [
    ['BUSY '],
    step('end-command', 'A script holds the store: SCRIPT KILL on the primary ends it, unless it has written. Stop what runs it.', 'store'),
  ],
  [
    ['max number of clients', 'max number of cli…'],
    step('see-store', 'The store takes no more connections: see its limit, and stop what opens so many. Restart no server.', 'store', {
      unless: ['noConnections'],
    }),
  ],
  [
    ['MISCONF '],
    step('see-store', 'The primary cannot save its data, and refuses writes: see its free memory, its snapshots and events.', EVENTS),
  ],
  [
    ['LOADING ', 'is loading the dataset'],
    step('see-store', 'A node reads its data back, and answers once it has: see why it restarted.', EVENTS),
  ],
  [
    ['MOVED ', 'CLUSTERDOWN', 'Hash slot not served', 'slots cache'],
    step('see-store', 'Slots of the store moved, and clients do not follow: restart one server, and see whether that ends it.', EVENTS),
  ],
  [['command not allowed when used memory'], step('see-store', 'The store was full: see what fills it.', 'store')],
  [
    ['certificate', 'CERTIFICATE', 'CertificateExpired', 'CertPath', 'PKIX path', 'SSL operation failed'],
    step('see-store-way', 'A certificate is refused: see whose has expired, or changed, and what the servers trust.', LOGS),
  ],
  [
    ['ENOTFOUND', 'EAI_AGAIN', 'UnknownHost', 'NXDOMAIN', 'getaddrinfo', 'Name or service not known'],
    step('see-store-way', 'Servers do not find the name in the line: check DNS of the VPC, Resolver rules, /etc/resolv.conf.', 'doctor'),
  ],
  [
    ['Signature key', 'IDX10501', 'invalid_client', 'invalid_grant', 'ID token'],
    step('see-sign-in', "The sign-in's tokens or secret are refused: compare its keys with what the servers expect.", LOGS),
  ],
  [
    ['Hikari', 'JDBC', '(pg)', 'PG::', 'SQL', 'psycopg', 'Sequelize', 'Mongo'],
    step('read-lines', "The application's own database keeps requests waiting, or refuses them: look there first.", LOGS),
  ],
  [['from the pool'], step('read-lines', 'No connection of the pool is free: it is too small, or its connections hang.', LOGS)],
  [
    ['CircuitBreaker'],
    step('see-server', "The applications' circuit breaker is open: restart one server, and see whether that ends it.", 'status'),
  ],
  [['ENOSPC', 'No space left'], step('replace-server', 'The disk is full there: free some of it, or replace the server.', 'status')],
];
/** A slow command blocks all others, and no failover ends it. */
export const ENGINE: readonly Row[] = [
  WHO_CONNECTS,
  undo('store-reboot', 'store-snapshot', 'store-password', 'store-user'),
  step(
    'see-store',
    '{missed} sessions begun since are lost at a server that has served them, and the store has them. See whether servers read from a replica that lags, or from a node that is gone.',
    'store',
  ),
  step(
    'end-command',
    'See whether a node is busy, slow, full or out of connections. "SLOWLOG GET 10" on the primary shows a long command, "CLIENT LIST" its client: end it. Where it answers BUSY, only SCRIPT KILL ends the script.',
    'store',
    { unless: ['free', 'missed', 'noConnections'] },
  ),
];
const NETWORK: readonly Row[] = [
  WHO_CONNECTS,
  undo('security-group', 'network-acl', 'route', 'store-password', 'store-user', 'secret'),
  step('see-store-way', 'Check what keeps the servers from the store: its name, security groups, users and certificate.', 'doctor'),
];
const ROOM: readonly Row[] = [
  step('see-store', 'See how full the store is. If it will not last until the morning, give it a larger node type.', 'store'),
];
/** Sessions are known to servers or they are not, whatever status says so. */
const SENT_AWAY: readonly Row[] = [
  undo('secret', 'stickiness', 'store-password', 'store-user', 'store-reboot', 'store-snapshot', 'instance', 'zone'),
  { ...FOLLOW_COOKIE, when: ['cookieMissed'], unless: ['change', 'past'] },
  { ...PASSED, when: ['over'], unless: ['shortLives'] },
  step('see-changes', 'See which setting or library changed how long sessions live (timeout, Max-Age, TTL): {shortLives}.', 'deploys'),
  step(
    'see-changes',
    'See what changed at that minute: a deploy, a setting, a restart, a secret of cookies. If a secret, give the application the previous one as well.',
    'deploys',
    { unless: ['shortLives'] },
  ),
];
export const IN_FRONT: readonly Row[] = [
  undo('waf', 'balancer-rule', 'listener'),
  step(
    'see-front',
    'No server sees these requests: their status is in the access log of the load balancer. 400: too large a cookie; 460: browsers that gave up; 403: a web ACL or a rule, which is here.',
    [WEB_ACL, RULES],
  ),
];

/** First steps where no cause explains the trouble. */
export const CHANNEL_SAYS: Readonly<Record<ChannelName, readonly Row[]>> = {
  lost: SENT_AWAY,
  redirects: SENT_AWAY,
  refusals: [
    undo('secret', 'waf', 'balancer-rule'),
    step('read-lines', 'Take one request that was refused, and see who refuses it, and what changed when it began. {refusedAs}.', LOGS),
  ],
  errors: [
    undo('security-group', 'network-acl', 'route', 'secret', 'store-password', 'store-user', 'store-snapshot', 'instance'),
    ALONE,
    step('read-lines', 'Read what the applications wrote when it began.', LOGS),
  ],
  balancerRefusals: IN_FRONT,
  balancerErrors: [
    undo('security-group', 'listener', 'balancer-rule', 'instance'),
    step(
      'see-server',
      'See which targets it can use. 502: a server closes connections; 503: none is registered; 504: too late; 561: the sign-in fails.',
      TARGETS,
    ),
  ],
  signIns: [
    undo('secret', 'listener', 'balancer-rule'),
    step(
      'see-sign-in',
      "See the sign-in provider's status page, and try to sign in. Compare its secret and addresses with the rule's.",
      RULES,
    ),
  ],
  vain: [
    undo('waf', 'listener', 'balancer-rule'),
    step('see-cookie', 'Log in from outside: see whether the session cookie is set, and sent with the next request.', 'status'),
  ],
  returns: [
    step('previous-release', 'If it began with a release, return to the previous one: SameSite can hold the cookie back.', 'deploys'),
  ],
  logins: [
    undo('waf', 'secret', 'listener', 'balancer-rule'),
    step('see-sign-in', 'Log in from outside with a new browser: is it what is in front (CDN, WAF), or the sign-in provider?', 'status'),
  ],
  requests: [
    step(
      'open-site',
      'Open the site from outside, and log in. If it does not open, see what is in front: DNS, certificate, CDN, firewall. This prints the name of the load balancer.',
      BALANCER,
    ),
  ],
  canary: [
    step(
      'see-cookie',
      'Log in as a user, and load the page again for as long as a session of the canary lived: the canary alone can be hurt.',
      'status',
    ),
    COMPARE,
  ],
  refusedWrites: [undo('store-reboot'), READ_STORE],
  evictions: ROOM,
  memory: ROOM,
  nodes: [
    step(
      'nothing',
      'Nothing for users: each server reaches the store. Until the collector does, no alarm of the store can fire: check its subnets and security group.',
      'doctor',
      { when: ['allReach', 'nobody'], unless: ['storeAnswers', 'noConnections'] },
    ),
    ...ENGINE,
  ],
  reach: [...NETWORK, READ_STORE],
  storeErrors: [
    ...ENGINE,
    step(
      'read-lines',
      'Servers log errors of a store that is not busy. Read one: no free connection is a pool that is too small; if one address times out, restart one server.',
      LOGS,
      { when: ['free'] },
    ),
    ...NETWORK,
  ],
  sessionErrors: [
    undo('secret'),
    step('see-changes', 'See whether a release or a secret changed when the lines began, and return to the previous one.', 'deploys'),
  ],
};
