/** What a person does about each cause. One entry per cause; the commands work as printed. Pure. */

import { holdfast } from '../../shared/command-options.ts';
import { dateTimeWithZone } from '../../shared/times.ts';
import type { Cause } from '../contract/causes.ts';
import { CHANNEL_STEPS } from './channel-steps.ts';
import type { Step } from './incident-page.ts';
import {
  byDay,
  countThenChangeLives,
  evictIdle,
  examine,
  largerNodes,
  readStore,
  restartStale,
  type StepContext,
  type Steps,
  step,
  undoChanges,
  whatPassed,
} from './step-context.ts';
import { HELD, waitForReplica, whatCreates, whatCutsOff, whatEmptied, whatEndedServers, whatRefusesLogins } from './steps-by-evidence.ts';

const showDeploy = ({ deployId, servers, options }: NonNullable<StepContext['runningDeploy']>): Step =>
  step(
    servers === '' ? 'See the phase of each server.' : `See how far the servers are; when the evidence was read they were: ${servers}.`,
    holdfast(`deploys show ${deployId} ${options}`),
  );
const stopDeploy = ({ deployId, options }: NonNullable<StepContext['runningDeploy']>): Step =>
  step('If it began with this deploy, stop it and have every server restored.', holdfast(`deploys abort ${deployId} ${options}`));

/** Each server has the new release: the way back ends the sessions that users have begun there since. */
const letEnd = (deploy: NonNullable<StepContext['runningDeploy']>): Step =>
  step(
    'Let the deploy end: every server has the new release. To stop it now would log users out once more.',
    ...showDeploy(deploy).commands,
  );

const deployCommand = (version: string, { options }: NonNullable<StepContext['lastDeploy']>): string =>
  holdfast(`deploy ${version} ${options}`);

/** Whether a release has the fault, a person judges: the command names both releases, and when the later one came. */
const returnToPrevious: Steps = (options, { runningDeploy, lastDeploy, areDeploysRead }) => {
  if (runningDeploy) return [stopDeploy(runningDeploy)];
  if (lastDeploy === undefined)
    return [
      step(
        `See when the release was deployed: ${areDeploysRead ? 'none was in the window' : 'deploys were not read'}. If the trouble is older than tonight, the repair of the application can wait until the morning.`,
        holdfast(`deploys ${options}`),
      ),
    ];
  const { from, to, startedAtMs } = lastDeploy;
  return [
    step(
      `If the trouble came with release ${to}, whose deploy began at ${dateTimeWithZone(startedAtMs)}, return to ${from}.`,
      deployCommand(from, lastDeploy),
    ),
  ];
};

const BEFORE_NEXT_DEPLOY = {
  memory: 'let the next deploy wait for the sessions of each server (docs/sessions-in-memory.md), or keep sessions in the store.',
  cookie:
    'keep the name and domain of the session cookie in each release, or deploy another one when few people are there ("Do both releases read each other\'s sessions?" in docs/deploys.md).',
} as const;

/** What users have lost no release brings back. */
const loggedOutOnce = (options: string, { lastDeploy }: StepContext, next: string): Step[] => [
  step(
    'It is over: users log in once more. Do not return to the previous release for that: it would log them out again.',
    ...(lastDeploy === undefined ? [holdfast(`deploys ${options}`)] : showDeploy(lastDeploy).commands),
  ),
  byDay(next),
];

/** One step for each: a reader who pastes a step must not take two servers out at once. */
const restartRefused = (options: string, { refusedServers, isWithoutFailover }: StepContext): Step[] =>
  refusedServers.map((instanceId, index) =>
    step(
      index === 0
        ? `${isWithoutFailover ? 'If it is READONLY, restart' : 'Restart'} a server that still writes to the old primary. The command drains it, and ends when it serves again.`
        : 'Then the next one, if its log still has refused writes.',
      holdfast(`restart ${instanceId} ${options}`),
    ),
  );
const seeWhatHolds = (options: string): Step =>
  step(
    'See whether the store is busy, slow or full at the times of the lines, or saves a snapshot then: each server reaches it now.',
    holdfast(`store ${options}`),
  );
const whatKeepsServers = (context: StepContext): Step =>
  examine(
    'Check what keeps the servers from the store (security groups, users, certificates), and what else their lines say. "max number of clients reached": its connections. MISCONF: its disk, or a snapshot. A name that is not found: what resolves names for them.',
    context,
  );

/** These are two steps, so that a reader who pastes the first one changes nothing. */
const countThenRepair = (what: string, options: string): Step[] => [
  step(`Count ${what}, which changes nothing.`, holdfast(`sweep --dry-run ${options}`)),
  step(`Repair ${what}, if their count is what you expect.`, holdfast(`sweep ${options}`)),
];
const serversOf = ({ server }: StepContext): readonly string[] => (server === undefined ? [] : [server]);
const shortenAnonymous = (options: string): readonly Step[] =>
  countThenChangeLives('Let sessions of visitors without a login end sooner', 'shorten-anonymous', options);

/** Causes whose mitigations come before everything else: they end the trouble, or keep it from growing. */
export const CALLS_FIRST: readonly Cause[] = [
  'stickiness-off',
  'evictions',
  'store-full',
  'store-down',
  'store-not-redundant',
  'store-connection-failures',
];

export const CAUSE_STEPS: Readonly<Record<Cause, Steps>> = {
  'stickiness-off': (options, context) => [
    ...undoChanges(context, 'stickiness'),
    examine(
      'Set stickiness as it was deployed, unless somebody has changed it on purpose: compare the target group with the configuration; the finding "stickiness" names what to set.',
      context,
    ),
    context.local
      ? step('If a fault was injected, clear it.', holdfast(`fault clear ${options}`))
      : step(
          // CloudFormation compares templates, not the resource: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
          'If nobody is known to have changed it, look at the timeline again later: CloudTrail is up to 15 minutes late. "npx --no cdk deploy" does not set it again, since the template is the same.',
        ),
  ],
  'route-mismatch': (options, context) => [
    examine('Compare the stickiness of the target group with the route of each server (jvmRoute, docs/tomcat.md).', context),
    ...serversOf(context).map((instanceId) => step(`Restart ${instanceId}.`, holdfast(`restart ${instanceId} ${options}`))),
  ],
  'session-changes-server': (_options, context) => [
    ...undoChanges(context, 'stickiness', 'instance'),
    examine('Sessions in the memory of servers need stickiness: compare the target group with the configuration.', context),
  ],
  'timeout-too-short': (options, context) => [
    ...returnToPrevious(options, context),
    ...countThenChangeLives('Give sessions the life that they declare', 'raise', options),
    byDay(
      "set the server's session timeout, the TTL in the store and the cookie's Max-Age to one value, and deploy a release with it; until then each write shortens its session again.",
    ),
  ],
  'cookie-does-not-slide': (options, context) => [
    ...returnToPrevious(options, context),
    byDay('let the application send the session cookie with each response (rolling: true in express-session), or without Max-Age.'),
  ],
  'same-site-strict': (options, context) => [
    ...returnToPrevious(options, context),
    byDay('set SameSite=Lax on the session cookie; Strict keeps it back when a user returns from another site.'),
  ],
  'same-site-lax': (options, context) => [
    step('Let the page that other sites post to work without the session, or set SameSite=None with Secure on the session cookie.'),
    ...returnToPrevious(options, context),
  ],
  'secret-differs': (options, context) => [
    step(
      'Give every server the same secret for its cookies, and restart those whose secret is another one; this names the servers.',
      holdfast(`status ${options}`),
    ),
    ...returnToPrevious(options, context),
  ],
  'cookies-stripped': (_options, context) => [
    examine(
      'Let the CDN or proxy in front forward the session cookie, and return to its settings of before. Check that the load balancer and the servers are well.',
      context,
    ),
  ],
  'front-refuses': CHANNEL_STEPS.balancerRefusals,
  'sign-in-fails': (_options, context) => [
    examine(
      'Look at the status page of the sign-in provider, and keep people who are in from being logged out. Check that the rest is well.',
      context,
    ),
  ],
  'secure-cookie-on-http': (_options, context) => [
    ...undoChanges(context, 'listener', 'balancer-rule'),
    examine(
      'Redirect the HTTP listener to HTTPS: a Secure cookie is not sent on plain HTTP. The finding "listeners" names what to set.',
      context,
    ),
  ],
  'store-connection-failures': (options, context) => [
    // A node that refuses writes is reached: what ends it is a new connection.
    ...(context.storeAnswers ? restartRefused(options, context) : []),
    ...undoChanges(context, 'security-group', 'network-acl', 'route', 'store-user', 'store-password', 'secret'),
    ...restartStale(options, context),
    ...whatPassed(options, context),
    // Who reaches it now waits for it, or for connections to it.
    ...(context.cutOff.allReach && context.storeAnswers ? [seeWhatHolds(options)] : []),
    ...(context.past !== undefined && context.isOver ? [] : [whatKeepsServers(context)]),
    readStore(options),
  ],
  'servers-replaced': whatEndedServers,
  'store-full': (options, context) => [
    step(
      'See what fills the store: keys without a TTL a sweep repairs; for everything else a larger node type is the quickest.',
      holdfast(`store ${options}`),
    ),
    ...countThenRepair('the keys without a TTL', options),
    ...largerNodes(context),
    ...shortenAnonymous(options),
  ],
  'store-emptied': whatEmptied,
  evictions: (options, context) => [
    readStore(options),
    ...countThenRepair('the keys without a TTL', options),
    ...largerNodes(context),
    ...shortenAnonymous(options),
  ],
  'unreadable-sessions': (options, context) =>
    context.runningDeploy !== undefined || context.lastDeploy !== undefined
      ? returnToPrevious(options, context)
      : [
          ...undoChanges(context, 'secret'),
          step(
            context.areDeploysRead
              ? 'No deploy of this fleet is on record: find what else writes these sessions, as another fleet or application with the same store and key prefix, or what changed their secret, and take that back. This lists the deploys of this fleet; with --fleet, those of another.'
              : 'Deploys were not read. If one began before these errors, return to the previous release. Else find what else writes these sessions (another fleet or application with the same store and key prefix), or what changed their secret, and take that back.',
            holdfast(`deploys ${options}`),
          ),
        ],
  'deploy-in-progress': (options, context) => {
    const { runningDeploy, lastDeploy } = context;
    if (runningDeploy?.areAllDone && context.goneBy !== undefined) return [letEnd(runningDeploy)];
    if (runningDeploy !== undefined) return [stopDeploy(runningDeploy), showDeploy(runningDeploy)];
    if (context.isOver && context.goneBy !== undefined) return loggedOutOnce(options, context, BEFORE_NEXT_DEPLOY[context.goneBy]);
    const listed = step('See what the latest deploy did. "deploys show ID" has each server.', holdfast(`deploys ${options}`));
    return lastDeploy === undefined ? [listed] : [...returnToPrevious(options, context), showDeploy(lastDeploy)];
  },
  'sweep-shortened': (options) => [
    step(
      'See what the sweep did. Set the policy of that dialect to report ("sweep" in docs/configuration.md), so that the next one changes nothing.',
      holdfast(`sweeps ${options}`),
    ),
  ],
  'store-down': (options, context) => [
    ...undoChanges(context, 'security-group', 'network-acl', 'route', 'store-reboot'),
    ...(context.storeAnswers ? whatPassed(options, context) : []),
    readStore(options),
    ...(context.storeAnswers ? [] : [HELD]),
    examine('Check the nodes, their network and their users.', context),
  ],
  'store-not-redundant': (options, context) => [
    ...undoChanges(context, 'security-group', 'network-acl', 'route', 'store-reboot'),
    readStore(options),
    ...(context.storeAnswers ? [] : [HELD]),
    examine('Check the nodes. By day: give the store a replica in another zone, and turn automatic failover on.', context),
  ],
  'store-failing-over': (options, context) =>
    context.storeAnswers
      ? [
          step('The replica has taken over. See that the store is well and users log in.', holdfast(`store ${options}`)),
          ...whatPassed(options, context),
          ...restartRefused(options, context),
        ]
      : waitForReplica(options, context),
  'store-read-only': (options, context) => [
    // A failover is on record, and lines name who stayed.
    ...(context.past !== undefined && context.lostReplica === undefined ? restartRefused(options, context) : []),
    context.lostReplica !== undefined
      ? step(
          `Restart nothing: ${context.lostReplica} does not answer, and no failover is on record. So the primary most likely has too few replicas to write (NOREPLICAS in the lines), by its parameter min-replicas-to-write. See when that node is back; if it takes long, set the parameter to 0 in the group's parameter group.`,
          ...context.aws('elasticache describe-events --source-identifier "$store" --source-type replication-group --duration 120'),
          holdfast(`store ${options}`),
        )
      : !context.isWithoutFailover
        ? step(
            'See which node is the primary now. Servers that use the primary endpoint follow a failover; those that were given the address of a node, or keep an old one, do not.',
            holdfast(`store ${options}`),
          )
        : step(
            'See which error these lines have: no failover is on record. NOREPLICAS: the primary reaches too few replicas, as around a snapshot; MISCONF: it could not save its data. Compare their minutes with the replicas and snapshots in these events, and restart nothing for them.',
            ...context.aws('elasticache describe-events --source-identifier "$store" --source-type replication-group --duration 120'),
            holdfast(`store ${options}`),
          ),
    ...(context.lostReplica !== undefined
      ? []
      : context.refusedServers.length === 0 && !context.isOver
        ? [
            step(
              `${context.isWithoutFailover ? 'If it is READONLY, restart' : 'Restart'} a server that still writes to the old primary. Its id is here.`,
              holdfast(`status ${options}`),
            ),
          ]
        : restartRefused(options, context)),
    ...(context.lostReplica !== undefined
      ? []
      : [
          examine(
            'If it comes back, the configuration of the application names a node instead of the primary endpoint: compare both.',
            context,
          ),
        ]),
  ],
  'server-partitioned': whatCutsOff,
  'store-rejects-logins': whatRefusesLogins,
  'collector-cut-off': (_options, context) => [
    examine(
      'Nothing for users, as far as the servers reach the store. Until it is repaired Holdfast does not see the store, and no alarm of the store can fire: check the subnets and the security group of the function that collects.',
      context,
    ),
  ],
  'store-slow': CHANNEL_STEPS.nodes,
  'missing-expiry': (options, context) => [
    ...countThenRepair('the keys without a TTL', options),
    ...returnToPrevious(options, context),
    ...evictIdle(context),
  ],
  'large-sessions': (options, context) => [
    step(
      'See the largest sessions by hash and dialect. This reads every key, changes nothing, and prints the command that shows its report.',
      holdfast(`sweep --dry-run --full ${options}`),
    ),
    ...returnToPrevious(options, context),
    ...largerNodes(context),
    ...evictIdle(context),
  ],
  'session-per-request': (options, context) => [...whatCreates(options, context), ...shortenAnonymous(options), ...largerNodes(context)],
  'structural-growth': (options, context) => [
    step(
      "Count the members of Spring's index whose session is over, which changes nothing.",
      holdfast(`sweep --reconcile --dry-run ${options}`),
    ),
    step('Remove these members of the index, if their count is what you expect.', holdfast(`sweep --reconcile ${options}`)),
    ...largerNodes(context),
  ],
  'long-lives': (options, context) => [
    step('See how much room is left.', holdfast(`store ${options}`)),
    step(
      'If it will not last until the morning, give sessions without a login a shorter life, where the dialect shows them. This only counts them.',
      holdfast(`sweep --lives shorten-anonymous --dry-run ${options}`),
    ),
    byDay(
      "set a shorter life in the application, for sessions without a login above all: Max-Age of the cookie, and the session's own timeout.",
    ),
    ...largerNodes(context),
  ],
  'unknown-keys': (options, context) => [
    step(
      'Group these keys by shape. This reads every key, changes nothing, and prints the dialect to configure, if they are sessions of your application.',
      holdfast(`sweep --learn ${options}`),
    ),
    step(
      'If they are not, the shape begins with the name of the program that has to give them a TTL. Sweeps leave them as they are.',
      holdfast(`sweeps ${options}`),
    ),
    ...largerNodes(context),
  ],
  'more-users': (options, context) => [
    step('See how long the room lasts: the users are real, and the store needs more memory.', holdfast(`store ${options}`)),
    ...largerNodes(context),
  ],
  'not-sessions': (options, context) => [
    step(
      'Count by dialect what fills the store besides sessions. This reads every key, changes nothing, and prints the command that shows its report.',
      holdfast(`sweep --dry-run --full ${options}`),
    ),
    ...largerNodes(context),
  ],
};
