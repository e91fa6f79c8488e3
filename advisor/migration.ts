/**
 * How to get from sticky servers to the store without losing a session: no session moves. A fleet with its sessions in the
 * store runs next to the old servers, new sessions start there, and the old ones end where they started. Pure.
 *
 * The target-group cookie of a weighted rule keeps a client with its session. The load balancer extends its expiry with
 * every request, like the session's own idle timeout.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
import { holdfast } from '../functions/shared/command-options.ts';

/** Idle timeout of sessions, and how long a client without requests stays with its target group. */
export const SESSION_TIMEOUT_SECONDS = 1_800;

/** Weights of the old and the new servers for new sessions; the load balancer accepts 0 to 999. */
export type Weights = { readonly old: number; readonly new: number };

export interface MigrationStep {
  readonly title: string;
  readonly how: string;
  /** Commands to run as they are, with the words in capitals replaced. */
  readonly commands: readonly string[];
  readonly until: string;
  /** How to roll this step back, and what that costs. */
  readonly rollback: string;
  readonly weights?: Weights;
}

export interface Migration {
  readonly from: 'sticky';
  readonly to: 'redis';
  /** Old and new servers, until the old ones are stopped. */
  readonly serversDuringMigration: number;
  /** Time to wait for sessions to end, without the time for the steps themselves. */
  readonly minimumWaitSeconds: number;
  /** Undefined if the size of a session is unknown. */
  readonly store?: StoreMemory;
  readonly requirements: readonly string[];
  readonly steps: readonly MigrationStep[];
  /** The alternative without spare servers. */
  readonly inPlace: string;
}

export function planMigration(servers: number, sessionBytes?: number): Migration {
  const shares = sharesOf(servers);
  const [first] = shares;
  const steps = [
    ...preparation(servers),
    ...shares.slice(0, -1).map((share) => shiftStep(servers, share, share === first)),
    ...ending(servers),
  ];
  return {
    from: 'sticky',
    to: 'redis',
    serversDuringMigration: 2 * servers,
    minimumWaitSeconds: steps.filter(({ weights }) => weights).length * SESSION_TIMEOUT_SECONDS,
    ...(sessionBytes !== undefined && { store: sessionsThatFit(sessionBytes) }),
    requirements: REQUIREMENTS,
    steps,
    inPlace: describeInPlace(servers),
  };
}

/** How many servers' share of new sessions starts in the store, by step: one, a quarter, half, all. */
const sharesOf = (servers: number): number[] =>
  [...new Set([1, Math.ceil(servers / 4), Math.ceil(servers / 2), servers])].toSorted((a, b) => a - b);

/** The action of the rule for both groups. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html */
export const weightedForward = (oldGroupArn: string, newGroupArn: string, weights: Weights) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: oldGroupArn, Weight: weights.old },
      { TargetGroupArn: newGroupArn, Weight: weights.new },
    ],
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: SESSION_TIMEOUT_SECONDS },
  },
});

const REQUIREMENTS = [
  'The old target group uses lb_cookie stickiness: application-based stickiness does not work in a weighted rule, and changing the type logs all users out once.',
  'The release with its sessions in the store uses another name for its session cookie than the old one, so that neither overwrites the other.',
  'No release is deployed to the old servers during the migration, unless it waits for their sessions: stopping a server ends those that are in its memory.',
  'You have verified with a client that it stays with its group at weight 0: AWS documents that the cookie decides, but not for weight 0.',
];

const actions = (weights: Weights): string => `--actions '[${JSON.stringify(weightedForward('OLD_GROUP', 'NEW_GROUP', weights))}]'`;
const setWeights = (weights: Weights): string => `aws elbv2 modify-rule --rule-arn RULE ${actions(weights)}`;

function preparation(servers: number): MigrationStep[] {
  const weights = { old: servers, new: 0 };
  const few = servers <= 2 ? `, and deploy.minimumHealthyTargets ${servers - 1}` : '';
  return [
    {
      title: `Create a fleet of ${servers} next to the old servers, without users`,
      how: `set the network in the configuration, and for the fleet existing.listenerArn, a listenerRule for a host name of its own and loadBalancerSecurityGroupId${few}: this adds one rule to the listener of the old servers`,
      commands: ['npx --no cdk deploy --all'],
      until: `${holdfast('doctor --region REGION')} reports nothing worse than that no release is published`,
      rollback: "delete Holdfast's stacks with npx --no cdk destroy; nothing was changed on the old servers",
    },
    {
      title: 'Deploy the release with its sessions in the store',
      how: 'the waiting servers install it and come into service; then a second release is rolled',
      commands: [holdfast('releases publish VERSION PATH --region REGION'), holdfast('deploy NEXT_VERSION --region REGION')],
      until: "a session at the fleet's own host name has survived the deploy",
      rollback: 'publish and deploy a fixed release; the fleet has no users yet',
    },
    {
      title: 'Bind every client to the old servers as a group',
      how: "create a rule with the conditions of the current one for users, with priority over it and over the new fleet's rule",
      commands: [`aws elbv2 create-rule --listener-arn LISTENER --priority PRIORITY --conditions CONDITIONS ${actions(weights)}`],
      until: `${SESSION_TIMEOUT_SECONDS} s have passed: clients without a request since then no longer have a session`,
      rollback: 'delete the rule with aws elbv2 delete-rule: the previous rule serves as before; no session is lost',
      weights,
    },
  ];
}

function shiftStep(servers: number, share: number, isFirst: boolean): MigrationStep {
  const weights = { old: servers - share, new: share };
  return {
    title: `Start ${Math.round((100 * share) / servers)} % of new sessions in the store`,
    how: `set the weights to ${weights.old} and ${weights.new}`,
    commands: [setWeights(weights), ...(isFirst ? [holdfast('deploy VERSION --region REGION')] : [])],
    until: `${SESSION_TIMEOUT_SECONDS} s have passed without an alarm${isFirst ? ', and the deploy during this time has logged nobody out' : ''}`,
    rollback: `set the weights to ${servers} and 0: new sessions start on the old servers again, and those in the store stay there; only if the new fleet cannot serve them, forward to OLD_GROUP alone, and its users log in again`,
    weights,
  };
}

function ending(servers: number): MigrationStep[] {
  const weights = { old: 0, new: servers };
  return [
    {
      title: 'Start all new sessions in the store, and let the old ones end',
      how: `set the weights to 0 and ${servers}; do not stop the old servers yet: clients bound to a group without servers receive 503`,
      commands: [setWeights(weights)],
      until: `the old servers have no sessions left: after ${SESSION_TIMEOUT_SECONDS} s at the earliest, later if users stay active`,
      rollback: 'restore the previous weights; no session is lost',
      weights,
    },
    {
      title: "Serve users with the fleet's own rule",
      how: "add the users' hosts to the fleet's listenerRule, then delete the weighted rule, which had priority until now",
      commands: ['npx --no cdk deploy --all', 'aws elbv2 delete-rule --rule-arn RULE'],
      until: 'a day has passed without a reason to go back; sessions on the old servers ended with the weighted rule',
      rollback: 'create the weighted rule again; this is possible as long as the old servers run',
    },
    {
      title: servers === 1 ? 'Stop the old server' : `Stop the ${servers} old servers`,
      how: 'stop them, and delete their target group and its rule',
      commands: [],
      until: 'nothing is left to do: from now on a deploy logs nobody out',
      rollback: 'none: going back takes new servers with the old release, and the same steps in the other direction',
    },
  ];
}

function describeInPlace(servers: number): string {
  const lost =
    servers === 1
      ? 'the deploy logs all users out, and there is downtime while the server is rolled'
      : `with strategy "sticky" the deploy waits for the sessions of each of the ${servers} servers, up to the session timeout, and logs out only those who stay longer`;
  return `Without spare servers, migrate in place: deploy the release with its sessions in the store with ${holdfast('deploy')}, with stickiness still on; ${lost}. Then set strategy "redis" and run npx --no cdk deploy, which turns stickiness off. Going back is another deploy with the same effect.`;
}

/** How much memory sessions take in the session store. Pure. */

/**
 * Memory of one session as a string with a TTL. The allocator's size classes are at most a quarter apart, and key, expiry
 * and object headers take up to 200 bytes: redis-server 7.0 took 484, 1,434, 2,714, 5,274 and 20,640 bytes for values of
 * 256, 1,024, 2,048, 4,096 and 16,384.
 */
export const bytesInStore = (sessionBytes: number): number => Math.ceil(1.25 * sessionBytes + 200);

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
const DEFAULT_NODE = { type: 'cache.t4g.small', memoryBytes: 1.37 * 1024 ** 3 } as const;
/** reserved-memory-percent. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html */
const RESERVED_PERCENT = 25;

/** `sessions`: sessions that fit before the store evicts some, to two significant figures. */
export type StoreMemory = { readonly nodeType: string; readonly bytesPerSession: number; readonly sessions: number };

export function sessionsThatFit(sessionBytes: number): StoreMemory {
  const bytesPerSession = bytesInStore(sessionBytes);
  const fit = (DEFAULT_NODE.memoryBytes * (100 - RESERVED_PERCENT)) / 100 / bytesPerSession;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, fit))) - 1);
  return { nodeType: DEFAULT_NODE.type, bytesPerSession, sessions: Math.floor(fit / unit) * unit };
}
