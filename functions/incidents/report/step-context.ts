/** What the evidence adds to the steps of a cause. */
import { holdfast } from '../../shared/command-options.ts';
import { counted } from '../../shared/counted.ts';
import type { Step } from './incident-page.ts';

/** A change around the begin of the trouble, which can be its cause. */
export interface Suspect {
  /** `At 13:24 UTC role terraform changed a security group (RevokeSecurityGroupIngress of sg-1)` */
  readonly text: string;
  readonly kind: string;
  /** Prints the whole change, and the other one; empty where no command can. */
  readonly commands: readonly string[];
  /** Another change of the same resource, which can have taken it back, as a sentence; absent: none is known. */
  readonly again?: string;
}

export interface StepContext {
  /** `holdfast doctor …` for the fleet. */
  readonly doctor: string;
  /** A deploy that is running, and the options of commands about its fleet. */
  readonly runningDeploy:
    | { readonly deployId: string; readonly servers: string; readonly options: string; readonly areAllDone?: true }
    | undefined;
  /** The last deploy that changed the release of its fleet; both releases are on record. */
  readonly lastDeploy:
    | {
        readonly deployId: string;
        /** How far each server got, as the end of a sentence; empty where that is not known. */
        readonly servers: string;
        readonly from: string;
        readonly to: string;
        readonly startedAtMs: number;
        readonly endedAtMs: number;
        readonly options: string;
      }
    | undefined;
  /** Deploys on record were read; a window without one says something only then. */
  readonly areDeploysRead: boolean;
  /** Users were hurt, and are no more. */
  readonly isOver: boolean;
  /** Why users of a deploy that has ended log in once more, and would again after the next: undefined where that is not known. */
  readonly goneBy: 'memory' | 'cookie' | undefined;
  /** Auto Scaling ended servers, and none as unhealthy. */
  readonly isScaleIn: boolean;
  /** Servers whose writes a replica refused, by their own logs: those that it still refuses, the worst first. */
  readonly refusedServers: readonly string[];
  /** How long a failover has been awaited in vain, in minutes; undefined where none is. */
  readonly overdueMinutes: number | undefined;
  /** ElastiCache's events were read, and no failover is among them or known to the collector. */
  readonly isWithoutFailover: boolean;
  /** `The store failed over at 10:24 UTC, and answers again`: the trouble began with it; undefined: with something else. */
  readonly past: string | undefined;
  /** Servers whose lines about the store go on since the failover at this minute, with which the trouble began. */
  readonly stale: { readonly servers: readonly string[]; readonly since: string } | undefined;
  /** The store's engine was busy at its limit when it was read last. */
  readonly isBusy: boolean;
  readonly engine: {
    /** How busy and how slow it was, as a sentence; empty where it was not read. */
    readonly load: string;
    /** The node that a person asks. */
    readonly node: string;
    /** It was read, and was neither busy nor slow. */
    readonly isFree: boolean;
    /** `12 of 40`: sessions that it has, and that a server finds at one request and not at the next; undefined: not so, or not known. */
    readonly missed: string | undefined;
  };
  /** What shows that some sessions live for too short a time, as a clause. */
  readonly shortLives: string | undefined;
  /** The one server that the cause is about. */
  readonly server: string | undefined;
  /** Auto Scaling replaces servers whose health check asks the store. `now`: no gate is up. */
  readonly replaces: 'now' | 'soon' | undefined;
  /** Servers that cannot reach the store, and how many there are in all. */
  readonly cutOff: {
    readonly servers: readonly string[];
    readonly of: number;
    readonly zone?: string;
    /** None of these servers finds the store's name. */
    readonly isNameless?: true;
    /** Each server was asked, and reaches the store. */
    readonly allReach?: true;
  };
  /** Who creates sessions where too many are created. */
  readonly madeBy: 'machines' | 'replaced' | 'browsers';
  /** The primary whose process was started around the first sign; undefined: none was, as far as it is known. */
  readonly startedAnew: string | undefined;
  /** `20 times from 10:10 until 10:48 UTC, every 2 minutes`: the store was emptied more than once; undefined: it was not. */
  readonly emptied: string | undefined;
  /** Nodes that answer, and take no more connections, as a list; undefined: none is known. */
  readonly noConnections: string | undefined;
  /** Nodes that do not answer while a primary does, and no failover is on record: the primary can have too few replicas to write. */
  readonly lostReplica: string | undefined;
  /** Many are sent away, and few of them with a session that a server refuses: requests come without one. */
  readonly isCookieMissed: boolean;
  /** A primary takes writes, as the incident's evidence has it. */
  readonly storeAnswers: boolean;
  /** The installation is in the local cloud, where the cause can be a fault that somebody injected. */
  readonly local: boolean;
  /** Changes around the begin of the trouble, the nearest first. */
  readonly suspects: readonly Suspect[];
  /**
   * Commands of the AWS CLI, with `"$load_balancer"` and the like replaced by what the evidence has; where it has none, the command of Holdfast
   * that prints them. Empty in a local cloud that has no such commands.
   */
  readonly aws: (words: string) => readonly string[];
}

/** @param options of each command about the fleet */
export type Steps = (options: string, context: StepContext) => readonly Step[];

export const step = (text: string, ...commands: string[]): Step => ({ text, commands });

/** What the application has to change is no step for the night. */
export const byDay = (text: string): Step => step(`By day: ${text}`);
export const readStore = (options: string): Step =>
  step('Read the state of the store, as the collector last saw it.', holdfast(`store ${options}`));
export const examine = (text: string, { doctor }: StepContext): Step => step(text, doctor);

/** A count changes nothing: a reader who pastes one step never changes what was not counted. */
export const countThenChangeLives = (order: string, change: 'raise' | 'shorten-anonymous', options: string): readonly Step[] => [
  step(`${order}. First count them, which changes nothing.`, holdfast(`sweep --lives ${change} --dry-run ${options}`)),
  step('Then change them, if the count is what you expect.', holdfast(`sweep --lives ${change} ${options}`)),
];

/** Which types are larger ElastiCache alone knows, and which is worth its price a person. */
export const largerNodes = ({ aws }: StepContext): readonly Step[] => [
  step(
    'If the store needs more room, give its nodes a larger type (modify-replication-group with --cache-node-type and --apply-immediately): that takes ten minutes and more, and connections close once. Set store.nodeType in the configuration too. This lists those that ElastiCache allows.',
    ...aws('elasticache list-allowed-node-type-modifications --replication-group-id "$store" --query ScaleUpModifications'),
  ),
];

/** Keys without a TTL would stay, and sessions in use go: it is the last step. */
export const evictIdle = ({ aws }: StepContext): readonly Step[] => [
  step(
    'If it gets full all the same, let it delete the sessions that were idle for longest, whose users log in again: set maxmemory-policy from noeviction to volatile-lru in its parameter group, unless others have that too. This names the groups.',
    ...aws(
      "elasticache describe-cache-clusters --query 'CacheClusters[].[ReplicationGroupId, CacheParameterGroup.CacheParameterGroupName]' --output text",
    ),
  ),
];

/** Replaced servers would be as unhealthy, and lose what the old ones have in memory. */
export const keepServers = ({ replaces, aws }: StepContext): { readonly begin: readonly Step[]; readonly end: readonly Step[] } => {
  const processes = '--auto-scaling-group-name "$group" --scaling-processes HealthCheck ReplaceUnhealthy';
  if (replaces === undefined) return { begin: [], end: [] };
  return {
    begin: [
      step(
        'Keep Auto Scaling from replacing servers because the store is away: their health check asks it.',
        ...aws(`autoscaling suspend-processes ${processes}`),
      ),
    ],
    end: [
      step(
        'If you suspended these processes, resume them once the store answers and the load balancer finds the servers healthy.',
        ...aws(`autoscaling resume-processes ${processes}`),
      ),
    ],
  };
};

/** What is known to have happened is not asked for. */
export const whatPassed = (options: string, { past, isOver, aws }: StepContext): readonly Step[] =>
  past === undefined
    ? []
    : [
        step(
          `${past}: the trouble began with that. See why in its events at ElastiCache, and that it stays well.${isOver ? ' Users who lost their session log in once more.' : ''}`,
          ...aws('elasticache describe-events --source-identifier "$store" --source-type replication-group --duration 120'),
          holdfast(`store ${options}`),
        ),
      ];

/** One server shows whether it helps. */
export function restartStale(options: string, { stale }: StepContext): readonly Step[] {
  const [instanceId] = stale?.servers ?? [];
  if (stale === undefined || instanceId === undefined) return [];
  const { length } = stale.servers;
  return [
    step(
      `The store failed over at ${stale.since} UTC, and ${counted(length, 'server')} still ${length === 1 ? 'logs' : 'log'} errors of it, as connections to the old primary do. Restart one, which the command drains. If its errors end, restart the others, one after another.`,
      holdfast(`restart ${instanceId} ${options}`),
    ),
  ];
}

const OTHER_PASSWORD = 'If that was not meant, undo it first: set an access string back, or add the replaced password again.';
/** How a change is taken back, where that is more than to repeat what was before. */
const BACK: Readonly<Partial<Record<string, string>>> = {
  stickiness: 'If that was on purpose, ask before you set it back.',
  'store-password': OTHER_PASSWORD,
  'store-snapshot': 'If the store was slow since, take backups when few people are there.',
  zone: 'When that zone is well again, cancel the shift.',
  'store-user': OTHER_PASSWORD,
};

/** What somebody changed comes first: that it was not meant, a person sees at once. */
export const undoChanges = ({ suspects }: StepContext, ...kinds: readonly string[]): readonly Step[] =>
  suspects
    .filter(({ kind }) => kinds.includes(kind))
    .slice(0, 1)
    .map(({ kind, text, commands, again }) => ({
      text:
        again === undefined
          ? `${text}. ${BACK[kind] ?? 'If that was not meant, put it back first.'}${commands.length > 0 ? ' This prints the event: who, from where, and what (a password is masked).' : ''}`
          : `${text}. ${again}`,
      commands,
    }));
