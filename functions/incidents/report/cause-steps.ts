/** What a person does about each cause. One entry per cause; the commands work as printed. Pure. */

import { dateTimeWithZone } from '../../shared/times.ts';
import type { Cause } from '../contract/causes.ts';
import type { Step } from './incident-page.ts';
import { examine, readStore, type StepContext, type Steps, step } from './step-context.ts';
import { waitForReplica, whatCreates, whatCutsOff, whatEmptied } from './steps-by-evidence.ts';

const showDeploy = ({ deployId, servers, options }: NonNullable<StepContext['runningDeploy']>): Step =>
  step(
    servers === '' ? 'See the phase of each server:' : `Its servers, when the evidence was read: ${servers}. See them now:`,
    `npx holdfast deploys show ${deployId} ${options}`,
  );
const stopDeploy = ({ deployId, options }: NonNullable<StepContext['runningDeploy']>): Step =>
  step('To stop the deploy and have every server restored:', `npx holdfast deploys abort ${deployId} ${options}`);

const deployCommand = (version: string, { options }: NonNullable<StepContext['lastDeploy']>): string =>
  `npx holdfast deploy ${version} ${options}`;

/** Whether a release has the fault, a person judges: the command names both releases, and when the later one came. */
const returnToPrevious: Steps = (options, { runningDeploy, lastDeploy }) => {
  if (runningDeploy) return [stopDeploy(runningDeploy)];
  if (lastDeploy === undefined)
    return [step('Publish and deploy a release without the fault. The releases on record:', `npx holdfast releases ${options}`)];
  const { from, to, endedAtMs } = lastDeploy;
  return [
    step(
      `If it began with release ${to}, which was deployed at ${dateTimeWithZone(endedAtMs)}: return to ${from}:`,
      deployCommand(from, lastDeploy),
    ),
  ];
};

/** One step for each: a reader who pastes a step must not take two servers out at once. */
const restartRefused = (options: string, { refusedServers }: StepContext): Step[] =>
  refusedServers.map((instanceId, index) =>
    step(
      index === 0
        ? 'Restart a server that still writes to the old primary. The command drains it, and ends when it serves again:'
        : 'Then the next one, if its log still has refused writes:',
      `npx holdfast restart ${instanceId} ${options}`,
    ),
  );
/** These are two steps, so that a reader who pastes the first one changes nothing. */
const countThenRepair = (what: string, options: string): Step[] => [
  step(`Count ${what}, which changes nothing:`, `npx holdfast sweep --dry-run ${options}`),
  step('Then repair them, if the count is what you expect:', `npx holdfast sweep ${options}`),
];

/** Causes whose mitigations come before everything else, also as calls of AWS: they end the trouble, or keep it from growing. */
export const CALLS_FIRST: readonly Cause[] = [
  'stickiness-off',
  'evictions',
  'store-down',
  'store-not-redundant',
  'store-connection-failures',
];

export const CAUSE_STEPS: Readonly<Record<Cause, Steps>> = {
  'stickiness-off': (options, context) => [
    examine('Compare the target group with the configuration; the finding "stickiness" names what to set:', context),
    context.local
      ? step('If a fault was injected, clear it:', `npx holdfast fault clear ${options}`)
      : step(
          // CloudFormation compares templates, not the resource: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
          'Find out who changed it: the timeline has the changes that CloudTrail knew, which is up to 15 minutes late. "npx cdk deploy" does not set it again, since the template is the same.',
        ),
  ],
  'route-mismatch': (_options, context) => [
    examine('Compare the stickiness of the target group with the route of each server (jvmRoute, docs/tomcat.md):', context),
  ],
  'session-changes-server': (_options, context) => [
    examine('Sessions in the memory of servers need stickiness: compare the target group with the configuration:', context),
  ],
  'timeout-too-short': (options, context) => [
    step(
      "Set the server's session timeout, the TTL in the store and the cookie's Max-Age to one value, and deploy a release with it: until then each write shortens its session again.",
    ),
    ...returnToPrevious(options, context),
  ],
  'cookie-does-not-slide': (options, context) => [
    step('Let the application send the session cookie with each response (rolling: true in express-session), or without Max-Age.'),
    ...returnToPrevious(options, context),
  ],
  'same-site-strict': (options, context) => [
    step('Set SameSite=Lax on the session cookie: Strict keeps it back when a user returns from another site.'),
    ...returnToPrevious(options, context),
  ],
  'secure-cookie-on-http': (_options, context) => [
    examine(
      'A Secure cookie is not sent on plain HTTP: redirect the HTTP listener to HTTPS. The finding "listeners" names what to set:',
      context,
    ),
  ],
  'store-connection-failures': (options, context) => [
    examine('Check what keeps the servers from the store (security groups, users, certificates):', context),
    readStore(options),
  ],
  'servers-replaced': (options, context) => [
    step('See why Auto Scaling ended the servers, and which are left:', `npx holdfast status ${options}`),
    examine(
      'Sessions that have to outlive a server belong in the store (docs/strategy.md). Check the health check and the hooks:',
      context,
    ),
  ],
  'store-full': (options) => [readStore(options), ...countThenRepair('the keys without a TTL', options)],
  'store-emptied': whatEmptied,
  evictions: (options) => [readStore(options), ...countThenRepair('the keys without a TTL', options)],
  'unreadable-sessions': returnToPrevious,
  'deploy-in-progress': (options, context) => {
    const { runningDeploy, lastDeploy } = context;
    if (runningDeploy !== undefined) return [showDeploy(runningDeploy), stopDeploy(runningDeploy)];
    const listed = step(
      'The deploy has ended. Its id is the latest of these; "deploys show ID" has what it did to each server:',
      `npx holdfast deploys ${options}`,
    );
    return lastDeploy === undefined ? [listed] : [showDeploy(lastDeploy), ...returnToPrevious(options, context)];
  },
  'sweep-shortened': (options) => [
    step(
      'See what the sweep did, and set the policy of that dialect to report ("sweep" in docs/configuration.md):',
      `npx holdfast sweeps ${options}`,
    ),
  ],
  'store-down': (options, context) => [readStore(options), examine('Check the nodes, their network and their users:', context)],
  'store-not-redundant': (options, context) => [
    readStore(options),
    examine(
      'Give the store a replica in another zone, and turn automatic failover on. The findings about the store name what is missing:',
      context,
    ),
  ],
  'store-failing-over': (options, context) =>
    context.storeAnswers
      ? [
          step('The replica has taken over. Check that the store is well:', `npx holdfast store ${options}`),
          ...restartRefused(options, context),
        ]
      : waitForReplica(options, context),
  'store-read-only': (options, context) => [
    ...(context.refusedServers.length === 0
      ? [step('Restart one server that still writes to the old primary; status has the ids:', `npx holdfast status ${options}`)]
      : restartRefused(options, context)),
    readStore(options),
    examine('If it comes back, check that the servers use the primary endpoint:', context),
  ],
  'server-partitioned': whatCutsOff,
  'store-rejects-logins': (_options, context) => [
    examine(
      'Compare the users and passwords of the store with those that the servers have ("Rotate the application\'s password" in docs/runbook/administration.md):',
      context,
    ),
  ],
  'collector-cut-off': (_options, context) => [
    examine('The servers reach the store. Check the subnets and the security group of the function that collects:', context),
  ],
  'missing-expiry': (options, context) => [...countThenRepair('the keys without a TTL', options), ...returnToPrevious(options, context)],
  'large-sessions': (options, context) => [
    step(
      'See the largest sessions by hash and dialect. This reads every key, changes nothing, and prints the command that shows its report:',
      `npx holdfast sweep --dry-run --full ${options}`,
    ),
    ...returnToPrevious(options, context),
  ],
  'session-per-request': whatCreates,
  'structural-growth': (options) => [
    step(
      "Count the members of Spring's index whose session is over, which changes nothing:",
      `npx holdfast sweep --reconcile --dry-run ${options}`,
    ),
    step('Then remove them, if the count is what you expect:', `npx holdfast sweep --reconcile ${options}`),
  ],
  'long-lives': (options) => [
    step(
      "Set a shorter life in the application, for sessions without a login above all: Max-Age of the cookie, and the session's own timeout. Sessions that are there keep theirs until they are used. What the store holds now:",
      `npx holdfast store ${options}`,
    ),
    step(
      'Give sessions without a login a shorter life, where the dialect shows them. This changes nothing yet:',
      `npx holdfast sweep --lives shorten-anonymous --dry-run ${options}`,
    ),
  ],
  'unknown-keys': (options) => [
    step(
      'Group these keys by shape. This reads every key, changes nothing, and prints the dialect to configure, if they are sessions of your application:',
      `npx holdfast sweep --learn ${options}`,
    ),
    step(
      'If they are not, the shape begins with the name of the program that has to give them a TTL. Sweeps leave them as they are:',
      `npx holdfast sweeps ${options}`,
    ),
  ],
  'more-users': (options) => [
    step('The users are real: give the store more memory ("store.nodeType" in holdfast.config.json). What it costs:', 'npx holdfast cost'),
    readStore(options),
  ],
  'not-sessions': (options) => [
    step(
      'Something else than sessions fills the store: count its keys by dialect. This reads every key, changes nothing, and prints the command that shows its report:',
      `npx holdfast sweep --dry-run --full ${options}`,
    ),
  ],
};
