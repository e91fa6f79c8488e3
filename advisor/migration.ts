/**
 * How sessions move from sticky servers into the store without one being lost: no session moves. A fleet with its sessions
 * in the store stands beside the old servers, new sessions begin there, and the old ones end where they began. Pure.
 *
 * What keeps a client where its session is, is the target group's cookie of a weighted rule, whose expiry the load balancer
 * resets with every request, as the session's own idle timeout is.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
import { type StoreMemory, sessionsThatFit } from './store-memory.ts';

/** Idle sessions end after this; also how long a client stays with its group unless it asks again. */
export const SESSION_TIMEOUT_SECONDS = 1_800;

/** Servers that new sessions begin on, on either side; the load balancer takes 0 to 999. */
export interface Weights {
  readonly old: number;
  readonly new: number;
}

export interface MigrationStep {
  readonly title: string;
  readonly how: string;
  /** To be run as they are, with the words in capitals filled in. */
  readonly commands: readonly string[];
  /** When to go on. */
  readonly until: string;
  /** The way back from here, and what it costs. */
  readonly rollback: string;
  /** Of the rule in front of both groups, where the step sets them. */
  readonly weights?: Weights;
}

export interface Migration {
  readonly from: 'sticky';
  readonly to: 'redis';
  /** Old and new ones together, until the old ones go. */
  readonly serversMeanwhile: number;
  /** Waits for sessions to end, without the time that people take. */
  readonly leastSeconds: number;
  /** Undefined where the size of a session is not known. */
  readonly store?: StoreMemory;
  /** What has to hold before the first step. */
  readonly needs: readonly string[];
  readonly steps: readonly MigrationStep[];
  /** Where there are no servers to spare. */
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
    serversMeanwhile: 2 * servers,
    leastSeconds: steps.filter(({ weights }) => weights).length * SESSION_TIMEOUT_SECONDS,
    ...(sessionBytes !== undefined && { store: sessionsThatFit(sessionBytes) }),
    needs: NEEDS,
    steps,
    inPlace: describeInPlace(servers),
  };
}

/** Servers' worth of new sessions, step by step: one, a quarter, half, all. */
const sharesOf = (servers: number): number[] =>
  [...new Set([1, Math.ceil(servers / 4), Math.ceil(servers / 2), servers])].toSorted((a, b) => a - b);

/** The action of the rule in front of both groups. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html */
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

const NEEDS = [
  "The old target group's stickiness is lb_cookie: application-based stickiness does not work in a weighted rule, and changing the kind logs everyone out once.",
  'The release with its sessions in the store has a session cookie of another name than the old one, so that neither overwrites the other.',
  'No release goes to the old servers meanwhile: rolling one ends its sessions.',
  "One client of your own has been seen to stay at weight 0: AWS's guide says that the cookie decides, not that it does at weight 0.",
];

const actions = (weights: Weights): string => `--actions '[${JSON.stringify(weightedForward('OLD_GROUP', 'NEW_GROUP', weights))}]'`;
const setWeights = (weights: Weights): string => `aws elbv2 modify-rule --rule-arn RULE ${actions(weights)}`;

function preparation(servers: number): MigrationStep[] {
  const weights = { old: servers, new: 0 };
  const few = servers <= 2 ? `, and deploy.minimumHealthyTargets ${servers - 1}` : '';
  return [
    {
      title: `A fleet of ${servers} beside the old servers, without users`,
      how: `the configuration names the network, and of the fleet existing.listenerArn, a listenerRule for a host name of its own, and loadBalancerSecurityGroupId${few}: the old servers' listener gets one rule more`,
      commands: ['npx cdk deploy --all'],
      until: 'npx holdfast doctor --region REGION finds nothing worse than that no release is there',
      rollback: "npx cdk destroy of Holdfast's stacks; nothing of the old servers was changed",
    },
    {
      title: 'The release with its sessions in the store',
      how: 'the waiting servers install it and come into service; then a second one is rolled',
      commands: ['npx holdfast releases publish VERSION PATH --region REGION', 'npx holdfast deploy NEXT_VERSION --wait --region REGION'],
      until: "a login at the fleet's own host name has outlived the deploy",
      rollback: 'publish and deploy a mended release; no user is there yet',
    },
    {
      title: 'Every client is bound to the old servers as a group',
      how: "a rule with the conditions of the one that serves users today, before it and before the new fleet's",
      commands: [`aws elbv2 create-rule --listener-arn LISTENER --priority PRIORITY --conditions CONDITIONS ${actions(weights)}`],
      until: `${SESSION_TIMEOUT_SECONDS} s have passed: who has sent nothing since has no session any more`,
      rollback: 'aws elbv2 delete-rule: the rule behind it serves as before; no session is lost',
      weights,
    },
  ];
}

function shiftStep(servers: number, share: number, isFirst: boolean): MigrationStep {
  const weights = { old: servers - share, new: share };
  return {
    title: `${Math.round((100 * share) / servers)} % of new sessions begin in the store`,
    how: `weights ${weights.old} and ${weights.new}`,
    commands: [setWeights(weights), ...(isFirst ? ['npx holdfast deploy VERSION --wait --region REGION'] : [])],
    until: `${SESSION_TIMEOUT_SECONDS} s have passed without an alarm${isFirst ? ', and the deploy in them has logged nobody out' : ''}`,
    rollback: `weights ${servers} and 0: new sessions begin on the old servers again, those in the store stay where they are; only if the new fleet cannot serve them, forward to OLD_GROUP alone, and its users log in again`,
    weights,
  };
}

function ending(servers: number): MigrationStep[] {
  const weights = { old: 0, new: servers };
  return [
    {
      title: 'All new sessions begin in the store, the old ones end by themselves',
      how: `weights 0 and ${servers}; no old server is stopped yet, for clients bound to a group without servers get 503`,
      commands: [setWeights(weights)],
      until: `the old servers count no session any more: after ${SESSION_TIMEOUT_SECONDS} s at least, later where users stay active`,
      rollback: 'weights as before; no session is lost',
      weights,
    },
    {
      title: "The fleet's own rule serves the users",
      how: "the users' hosts stand in the fleet's listenerRule; then the weighted rule, which came first until now, goes",
      commands: ['npx cdk deploy --all', 'aws elbv2 delete-rule --rule-arn RULE'],
      until: 'a day has passed without a reason to go back; sessions still on old servers ended with the weighted rule',
      rollback: 'the weighted rule again, as before: the last way back, as long as the old servers run',
    },
    {
      title: servers === 1 ? 'The old server goes' : `The ${servers} old servers go`,
      how: 'they are stopped, and their target group and its rule deleted',
      commands: [],
      until: 'nothing is left to do: from here on a deploy logs nobody out',
      rollback: 'none: it takes servers with the old release, and the same steps in the other direction',
    },
  ];
}

function describeInPlace(servers: number): string {
  const lost =
    servers === 1
      ? 'the one roll logs everyone out, and nobody is served meanwhile'
      : `each of the ${servers} rolls logs about 1/${servers} of the users out, some of them more than once`;
  return `Without servers to spare, in place: npx holdfast deploy of the release with its sessions in the store, stickiness still on; ${lost}. Then strategy "redis" and npx cdk deploy, which ends stickiness. Going back is another deploy at the same price.`;
}
