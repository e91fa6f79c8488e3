/** What people do about each cause: a table. Pages, messages and docs are made from it. */
import type { Cause } from '../contract/causes.ts';
import { ALONE, EVENTS, IN_FRONT, PASSED, READ_STORE, type Row, type StepRow, step, undo, WEB_ACL } from './says-of-channels.ts';
import type { FactName } from './step-facts.ts';

const onlyWhen = (rows: readonly Row[], ...facts: readonly FactName[]): readonly Row[] =>
  rows.map((row) => (row === 'mitigations' ? row : { ...row, when: facts }));

/** Whether a release has the fault, a person judges: the step names both releases. */
const STOP = step('stop-deploy', 'If it began with this deploy, stop it and have every server restored.', '{abort}', {
  unless: ['letEnd'],
});
const RETURN = step(
  'previous-release',
  'If the trouble came with release {release} (deployed {begun}), return to {previous}.',
  '{return}',
  { unless: ['abort', 'isGone'] },
);
const RELEASE: readonly Row[] = [
  STOP,
  RETURN,
  step('see-changes', 'See when the release was deployed: no deploy is known in the window.', 'deploys', { unless: ['abort', 'return'] }),
];
export const OF_DEPLOY: readonly Row[] = [
  step('wait', 'Let the deploy end: every server has the new release, and to stop it now would log users out again.', '{letEnd}'),
  STOP,
  step('nothing', 'It is over: users log in once more. To return to the previous release would log them out again.', '{showLast}', {
    when: ['over'],
    unless: ['abort'],
  }),
  { ...RETURN, unless: ['abort', 'over'] },
  step('see-changes', 'See what the latest deploy did. "deploys show ID" has each server.', 'deploys', { unless: ['abort', 'showLast'] }),
];

/** A reader who pastes a step never takes two servers out at once, nor changes what was not counted. */
const RESTART_REFUSED: readonly StepRow[] = [
  step('replace-server', 'Restart {refused}, which still writes to the old primary. The command drains it first.', 'restart {refused}'),
];
const WRITES_REFUSED: readonly Row[] = [
  ...RESTART_REFUSED.map((row): Row => ({ ...row, when: ['past'], unless: ['lostReplica'] })),
  step(
    'see-store',
    'Restart nothing: {lostReplica} does not answer, and the primary most likely has too few replicas to write (min-replicas-to-write).',
    [EVENTS, 'store'],
  ),
  step('see-store', 'See which node is the primary now: servers that were given the address of a node do not follow.', 'store', {
    unless: ['withoutFailover', 'lostReplica'],
  }),
  step(
    'see-store',
    'See which error the lines have: no failover is on record. NOREPLICAS: too few replicas, as around a snapshot; MISCONF: its disk.',
    [EVENTS, 'store'],
    { when: ['withoutFailover'], unless: ['lostReplica'] },
  ),
  ...RESTART_REFUSED.map((row): Row => ({ ...row, unless: ['lostReplica'] })),
];
const COUNT = step(
  'count-keys',
  'Count the keys without a TTL, which changes nothing. "sweep" alone gives them one, if the count is what you expect.',
  'sweep --dry-run',
);
/** Which types are larger ElastiCache alone knows, and which is worth its price a person. */
const TYPES = 'aws elasticache list-allowed-node-type-modifications --replication-group-id {store} --query ScaleUpModifications';
/** Replaced servers would be as unhealthy, and lose what the old ones have in memory. */
const KEEP = step(
  'keep-servers',
  'Keep Auto Scaling from replacing servers whose health check asks the store. Once it answers, set each Healthy (set-instance-health), then resume these two.',
  'aws autoscaling suspend-processes --auto-scaling-group-name {group} --scaling-processes HealthCheck ReplaceUnhealthy',
  { when: ['replaces'] },
);
/** From outside, a primary that waits for its own command looks like one that is gone. */
const HELD = step(
  'end-command',
  'A primary that is only silent can be held by a long command: EngineCPUUtilization near 100 % shows that. End its client.',
  'store',
  { unless: ['storeAnswers'] },
);
const STICK = step(
  'restore-stickiness',
  'Sessions in the memory of servers need stickiness: the finding "stickiness" names what to set.',
  'doctor',
);
const AWAY: readonly Row[] = [KEEP, 'mitigations', undo('security-group', 'network-acl', 'route', 'store-reboot')];

/** `name`: in a few plain words, for subjects and for lists of what it can be. */
export type Says = { readonly name: string; readonly steps: readonly Row[] };

export const SAYS: Readonly<Record<Cause, Says>> = {
  'stickiness-off': { name: 'stickiness is off', steps: [undo('stickiness'), 'mitigations', STICK] },
  'session-changes-server': { name: 'sessions change servers', steps: [undo('stickiness', 'instance'), STICK] },
  'servers-replaced': {
    name: 'servers were replaced',
    steps: [
      step(
        'see-scaling',
        'See which policy, schedule or person scaled in: none was ended as unhealthy. If more are to end, raise the minimum size.',
        "aws autoscaling describe-scaling-activities --max-items 20 --query 'Activities[].[StartTime, AutoScalingGroupName, Cause]' --output text",
        { when: ['scaleIn'] },
      ),
      step('see-scaling', 'See which servers are left. If more are ended, repair their health check.', 'status', { unless: ['scaleIn'] }),
    ],
  },
  'timeout-too-short': {
    name: 'sessions time out too soon',
    steps: [
      ...RELEASE,
      step(
        'count-keys',
        'Sessions can get the life that they declare (sweep --lives raise): count them first.',
        'sweep --lives raise --dry-run',
      ),
    ],
  },
  'same-site': {
    name: 'SameSite keeps the cookie back',
    steps: [
      STOP,
      RETURN,
      step('change-setting', 'Let the page that other sites lead to work without the session, or change SameSite by day.', 'doctor'),
    ],
  },
  'secret-differs': {
    name: 'servers have different secrets',
    steps: [
      step('replace-server', 'Give every server the same secret for its cookies, and restart those that had another one.', 'status'),
      ...RELEASE,
    ],
  },
  'cookies-stripped': {
    name: 'cookies do not arrive',
    steps: [step('see-front', 'Let the CDN or proxy in front forward the session cookie: return to its settings of before.', 'doctor')],
  },
  'front-refuses': { name: 'requests are refused in front', steps: IN_FRONT },
  'sign-in-fails': {
    name: 'the sign-in fails',
    steps: [
      step(
        'see-sign-in',
        'Look at the status page of the sign-in provider, and log nobody out who is in. Check that the rest is well.',
        'doctor',
      ),
    ],
  },
  'store-connection-failures': {
    name: 'servers cannot use the store',
    steps: [
      // A node that refuses writes is reached: what ends it is a new connection.
      ...onlyWhen(RESTART_REFUSED, 'storeAnswers'),
      ALONE,
      KEEP,
      'mitigations',
      undo('security-group', 'network-acl', 'route', 'store-user', 'store-password', 'secret'),
      PASSED,
      step('see-store', 'See whether the store is busy, slow or full at times, or saves a snapshot: each server reaches it now.', 'store', {
        when: ['allReach', 'storeAnswers'],
      }),
      step(
        'see-store-way',
        'Check what keeps the servers from the store: security groups, users, certificates; "max number of clients" in their lines: connections.',
        'doctor',
        { unless: ['passed'] },
      ),
      READ_STORE,
    ],
  },
  'store-full': {
    name: 'the store is full',
    steps: [
      step('see-store', 'See what fills the store: keys without a TTL, or else a larger type of nodes is the quickest, which these are.', [
        'store',
        TYPES,
      ]),
      COUNT,
      'mitigations',
    ],
  },
  'store-emptied': {
    name: 'the store was emptied',
    steps: [
      undo('store-reboot'),
      step('see-store', 'See that sessions come again: {startedAnew} restarted, and came back without its data.', 'store'),
      step('see-deletions', 'Find the job that empties it, and stop it: that was {emptied}. Look for what runs so often.', 'store', {
        unless: ['startedAnew'],
      }),
      step(
        'see-deletions',
        'Ask who emptied it: a person, a job or the application. INFO commandstats on the primary counts flushall and del.',
        'store',
        { unless: ['startedAnew', 'emptied'] },
      ),
    ],
  },
  'unreadable-sessions': {
    name: 'a release cannot read sessions',
    steps: [
      STOP,
      RETURN,
      { undo: ['secret'], unless: ['abort', 'return'] },
      step(
        'see-changes',
        'No deploy of this fleet is known: find what else writes these sessions (another fleet with the same store), or changed their secret.',
        'deploys',
        { unless: ['abort', 'return'] },
      ),
    ],
  },
  'deploy-in-progress': { name: 'a deploy logs users out', steps: OF_DEPLOY },
  'store-down': { name: 'the store is down', steps: [...AWAY, ...onlyWhen([PASSED], 'storeAnswers'), READ_STORE, HELD] },
  'store-failing-over': {
    name: 'the store fails over',
    steps: [
      ...onlyWhen([step('see-store', 'The replica has taken over. See that the store is well and users log in.', 'store')], 'storeAnswers'),
      ...onlyWhen(RESTART_REFUSED, 'storeAnswers'),
      { undo: ['security-group', 'network-acl', 'route'], unless: ['storeAnswers'] },
      step(
        'wait',
        'Wait: ElastiCache promotes a replica by itself, usually within some minutes; if it does not, ask AWS Support. A long command can hold one that is only silent: its CPU shows that.',
        'store',
        { unless: ['storeAnswers'] },
      ),
      KEEP,
    ],
  },
  'store-refuses': {
    name: 'the store refuses logins or writes',
    steps: [
      ...onlyWhen(
        [
          undo('store-password', 'store-user', 'secret'),
          step(
            'see-store-login',
            'Compare the users and passwords of the store with those of the servers. WRONGPASS: add the previous password again. NOPERM: its access string.',
            'doctor',
          ),
        ],
        'refusedLogins',
      ),
      ...WRITES_REFUSED.map((row): Row => (row === 'mitigations' ? row : { ...row, unless: [...(row.unless ?? []), 'refusedLogins'] })),
    ],
  },
  'server-partitioned': {
    name: 'servers are cut off from the store',
    steps: [
      KEEP,
      undo('security-group', 'network-acl', 'route', 'store-user'),
      step('see-store-way', 'See which server does not reach the store, and whether it stays so.', 'status', {
        unless: ['cutNameless', 'cutOne', 'cutMany'],
      }),
      step(
        'see-store-way',
        '{cutNameless}, whose name they do not find: check DNS of the VPC, Resolver rules, /etc/resolv.conf.',
        'doctor',
      ),
      step('replace-server', 'If {cutOne} still does not reach the store, restart it. The command drains it first.', 'restart {cutOne}'),
      step('see-store-way', '{cutMany}. Check what they share: security group, subnets, network ACL, zone.', 'doctor'),
    ],
  },
  'missing-expiry': { name: 'sessions without a TTL fill the store', steps: [COUNT, 'mitigations', ...RELEASE] },
  'large-sessions': {
    name: 'large sessions fill the store',
    steps: [
      step('count-keys', 'See the largest sessions. This reads every key, and changes nothing.', 'sweep --dry-run --full'),
      ...RELEASE,
    ],
  },
  'session-per-request': {
    name: 'each request creates a session',
    steps: [
      step('see-store', 'See how much room is left. Let the application create sessions at the login alone, and none for bots.', 'store', {
        unless: ['madeByBrowsers'],
      }),
      step('see-front', "Compare a request at the CDN or proxy with a server's log: browsers come without their cookie.", WEB_ACL, {
        when: ['madeByBrowsers'],
      }),
    ],
  },
  'not-sessions': {
    name: 'other data fills the store',
    steps: [step('count-keys', 'Count by dialect what fills the store besides sessions. This reads every key.', 'sweep --dry-run --full')],
  },
};

/** The most that a list names. */
const MOST = 3;

/** `the store is full; servers were replaced; and 2 more` */
export const causeList = (causes: readonly Cause[]): string =>
  [...causes.slice(0, MOST).map((cause) => SAYS[cause].name), ...(causes.length > MOST ? [`and ${causes.length - MOST} more`] : [])].join(
    '; ',
  );
