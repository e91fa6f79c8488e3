/** Advice on where sessions should be stored, from a situation. Pure. */
import { judgeStrategies, PRECEDENCE, recommend, type Verdict } from './judge.ts';
import { type Migration, planMigration } from './migration.ts';
import {
  type Condition,
  checkSituation,
  type Rating,
  type Row,
  rowsThatApply,
  type Situation,
  STRATEGIES,
  STRATEGY_NAMES,
  type Strategy,
} from './situation.ts';

export interface Advice {
  readonly recommended: Strategy;
  readonly reason: string;
  readonly situation: Situation;
  readonly verdicts: readonly Verdict[];
  readonly rows: readonly {
    readonly condition: Condition;
    readonly because: string;
    readonly ratings: Readonly<Record<Strategy, Rating>>;
  }[];
  /** What the matrix has no row for: whether users stay on one server although the store has their sessions. */
  readonly pages: string;
  readonly contradictions: readonly Contradiction[];
  readonly precedence: readonly string[];
  /** The part of holdfast.config.json that follows from it. */
  readonly configuration: AdvisedConfiguration;
  /** From sticky servers to the store; given for every recommendation, because the system may grow. */
  readonly migration: Migration;
}

/** @throws InvalidSituation for numbers out of bounds */
export function advise(situation: Situation): Advice {
  checkSituation(situation);
  const applicable = rowsThatApply(situation);
  const rows = applicable.map(({ row }) => row);
  const verdicts = judgeStrategies(rows);
  const { strategy, reason } = recommend(situation.system, verdicts);
  return {
    recommended: strategy,
    reason,
    situation,
    verdicts,
    rows: applicable.map(({ row, because }) => {
      const { condition, ...ratings } = row;
      return { condition, because, ratings };
    }),
    pages: adviseOnPages(situation, strategy),
    contradictions: findContradictions(situation, rows, strategy),
    precedence: PRECEDENCE,
    configuration: advisedConfiguration(situation, strategy),
    migration: planMigration(situation.servers, situation.sessionBytes),
  };
}

/** The matrix has no row for pages that keep state on the server: it decides how the store is used, and not whether. */
export function adviseOnPages({ pageState }: Pick<Situation, 'pageState'>, strategy: Strategy): string {
  if (strategy !== 'redis') {
    return pageState
      ? 'Pages keep state on the server: the load balancer keeps each user on one server, as this strategy needs in any case.'
      : 'This strategy keeps each user on one server, whatever pages keep.';
  }
  if (pageState === undefined) {
    return 'Do pages keep state on the server (Wicket, Faces, Vaadin), or do requests change objects in the session in place? If so, ask again with --page-state.';
  }
  return pageState
    ? 'Pages keep state on the server: set "stickiness": true, so that a user stays on one server, and the store has the session after each request.'
    : 'Pages keep no state on the server: each request can go to any server.';
}

/** Targets that a deploy keeps healthy while it rolls another one: `deploy.minimumHealthyTargets` of the configuration. */
const DEFAULT_MINIMUM_HEALTHY = 2;

interface AdvisedConfiguration {
  readonly network?: object;
  readonly store?: { readonly replicas: number };
  readonly fleets: { readonly web: Readonly<Record<string, unknown>> };
}

/** Servers with sessions in memory are listed one by one. Their ids here are placeholders. */
function advisedConfiguration({ servers, ha, pageState = false }: Situation, strategy: Strategy): AdvisedConfiguration {
  const others = servers - 1;
  const deploy = others < DEFAULT_MINIMUM_HEALTHY ? { deploy: { minimumHealthyTargets: others } } : {};
  if (strategy !== 'redis') {
    return {
      network: { existing: PLACEHOLDER_NETWORK },
      fleets: { web: { strategy, ...cluster(strategy, servers), members: 'instances', existing: placeholders(servers), ...deploy } },
    };
  }
  return {
    ...(ha && { store: { replicas: 2 } }),
    fleets: { web: { strategy, ...(pageState && { stickiness: true }), minCapacity: servers, ...deploy } },
  };
}

/** The servers know each other by the server.xml in `conf`. */
const cluster = (strategy: Strategy, servers: number): object =>
  strategy === 'tomcat-cluster' && servers >= 2 && servers <= 5
    ? { app: { kind: 'tomcat', archive: 'target/tomcat.tar.gz', conf: 'conf' } }
    : {};

/** The VPC of the load balancer and the servers; placeholders as well. */
const PLACEHOLDER_NETWORK = {
  vpcId: 'vpc-00000000000000000',
  webSubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
  storeSubnetIds: ['subnet-00000000000000003', 'subnet-00000000000000004'],
};

const placeholders = (servers: number): object => ({
  instanceIds: Array.from({ length: servers }, (_, index) => `i-${String(index + 1).padStart(17, '0')}`),
  instanceSecurityGroupId: 'sg-00000000000000000',
});

/** Conditions that no strategy meets at the same time, and what to change. Pure. */
interface Contradiction {
  readonly rows: readonly Condition[];
  readonly what: string;
  /** Each resolves it; the one for the recommended strategy comes first. */
  readonly change: readonly string[];
}

/** The change that makes a row no longer apply. Rows that are never against a strategy need none. */
const RESOLUTION: Readonly<Partial<Record<Condition, string>>> = {
  '5+ servers': 'run at most 4 servers',
  'Cloud/Kubernetes': 'keep the servers at fixed addresses, outside cloud and Kubernetes',
  'Legacy app (no code changes)':
    "let the container store sessions in Redis (in Tomcat with a session manager such as Redisson's: jars and context.xml, no application code, but every session attribute must be serializable), or allow the code to change",
  'HA is top priority': 'accept that the sessions of a failed server are lost',
  'Large session data (1KB+)': 'reduce a session to less than 1,024 bytes',
};

/** @param recommended the strategy whose resolution comes first */
function findContradictions({ servers, ha, zeroDowntime }: Situation, rows: readonly Row[], recommended: Strategy): Contradiction[] {
  const single: Contradiction[] =
    servers === 1 && (ha || zeroDowntime)
      ? [
          {
            rows: rows.map(({ condition }) => condition).filter((condition) => OF_A_SINGLE_SERVER.includes(condition)),
            what: 'one server is neither highly available nor deployed without downtime, with any strategy',
            change: ['run at least 2 servers'],
          },
        ]
      : [];
  const against = STRATEGIES.map((strategy) => ({
    strategy,
    rows: rows.filter((row) => row[strategy] === 'Not recommended' || row[strategy] === 'Difficult'),
  }));
  if (against.some(({ rows: held }) => held.length === 0)) return single;
  const inOrder = against.toSorted((a, b) => Number(b.strategy === recommended) - Number(a.strategy === recommended));
  return [
    ...single,
    {
      rows: rows.filter((row) => against.some(({ rows: held }) => held.includes(row))).map(({ condition }) => condition),
      what: `the matrix advises against every strategy: ${against.map(describe).join('; ')}`,
      change: inOrder.map(
        ({ strategy, rows: held }) =>
          `for ${STRATEGY_NAMES[strategy]}: ${held.map(({ condition }) => RESOLUTION[condition]).join(', and ')}`,
      ),
    },
  ];
}

const OF_A_SINGLE_SERVER: readonly Condition[] = ['2 or fewer servers', 'HA is top priority', 'Zero-downtime deployment'];

const describe = ({ strategy, rows }: { strategy: Strategy; rows: readonly Row[] }): string =>
  `${STRATEGY_NAMES[strategy]} is ${rows.map((row) => `${row[strategy]} by "${row.condition}"`).join(' and ')}`;
