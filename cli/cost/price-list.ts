/**
 * AWS list prices in US dollars, us-east-1, on demand, the first tier. Nothing is subtracted for free tiers: they belong to
 * the account, where others may have used them up.
 */

/** Region that the prices are of. */
export const PRICES_REGION = 'us-east-1';
/** Day on which the list was last compared with the published prices. */
export const PRICES_AS_OF = '2026-11-20';

/** `usd` for `per` units. */
export interface Price {
  readonly usd: number;
  readonly per: number;
  /** Plural, as a quantity is read: `1,204 state transitions`. */
  readonly unit: string;
  /** AWS page with the price. */
  readonly source: string;
}

/** @param service as in the address of its page with prices */
const price = (usd: number, per: number, unit: string, service: string): Price => {
  return { usd, per, unit, source: `https://aws.amazon.com/${service}/pricing/` };
};

export const PRICES = {
  standardAlarm: price(0.1, 1, 'alarm metrics', 'cloudwatch'),
  /** Periods below 60 s. */
  highResolutionAlarm: price(0.3, 1, 'high-resolution alarm metrics', 'cloudwatch'),
  compositeAlarm: price(0.5, 1, 'composite alarms', 'cloudwatch'),
  /** For a month with data in every hour; only hours with data are charged. */
  customMetric: price(0.3, 1, 'custom metrics', 'cloudwatch'),
  dashboard: price(3, 1, 'dashboards', 'cloudwatch'),
  logIngestion: price(0.5, 1e9, 'bytes', 'cloudwatch'),
  logStorage: price(0.03, 1, 'GB-months', 'cloudwatch'),
  cloudWatchRequest: price(0.01, 1_000, 'API requests', 'cloudwatch'),
  trace: price(5, 1_000_000, 'traces', 'xray'),
  transition: price(0.025, 1_000, 'state transitions', 'step-functions'),
  invocation: price(0.2, 1_000_000, 'requests', 'lambda'),
  /** arm64, as all of Holdfast's functions are. */
  gbSecond: price(0.0000133334, 1, 'GB-seconds', 'lambda'),
  schedule: price(1, 1_000_000, 'scheduled invocations', 'eventbridge'),
  tableWrite: price(0.625, 1_000_000, 'write request units', 'dynamodb'),
  tableRead: price(0.125, 1_000_000, 'read request units', 'dynamodb'),
  /** Storage 0.25 and continuous backup 0.20. */
  tableStorage: price(0.45, 1, 'GB-months with point-in-time recovery', 'dynamodb'),
  objectStorage: price(0.023, 1, 'GB-months', 's3'),
  /**
   * Glacier Instant Retrieval: a sixth of the price, for 90 days and 128 KB at least. A rollback to an old release pays 0.03 for each GB
   * and 0.01 for 1,000 GET requests.
   */
  archiveStorage: price(0.004, 1, 'GB-months of Glacier Instant Retrieval', 's3'),
  /** PUT, COPY, POST, LIST. */
  objectWrite: price(0.005, 1_000, 'PUT and LIST requests', 's3'),
  objectRead: price(0.0004, 1_000, 'GET requests', 's3'),
  objectTransition: price(0.02, 1_000, 'transitions to Glacier Instant Retrieval', 's3'),
  key: price(1, 1, 'keys', 'kms'),
  keyRequest: price(0.03, 10_000, 'requests of keys', 'kms'),
  secretRead: price(0.05, 10_000, 'reads of secrets', 'secrets-manager'),
  secret: price(0.4, 1, 'secrets', 'secrets-manager'),
  interfaceEndpoint: price(0.01, 1, 'endpoint-hours', 'privatelink'),
  publicAddress: price(0.005, 1, 'address-hours', 'vpc'),
  loadBalancer: price(0.0225, 1, 'hours', 'elasticloadbalancing'),
  capacityUnit: price(0.008, 1, 'LCU-hours', 'elasticloadbalancing'),
  volume: price(0.08, 1, 'GB-months of gp3', 'ebs'),
} as const satisfies Readonly<Record<string, Price>>;

/** Linux, by the hour. */
const SERVER_HOUR: Readonly<Record<string, number>> = {
  't4g.nano': 0.0042,
  't4g.micro': 0.0084,
  't4g.small': 0.0168,
  't4g.medium': 0.0336,
  't4g.large': 0.0672,
  't4g.xlarge': 0.1344,
  't4g.2xlarge': 0.2688,
  'm7g.large': 0.0816,
  'm7g.xlarge': 0.1632,
};

/** Redis OSS, by the hour. */
const STORE_NODE_HOUR: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 0.016,
  'cache.t4g.small': 0.032,
  'cache.t4g.medium': 0.065,
  'cache.r7g.large': 0.219,
  'cache.r7g.xlarge': 0.437,
};

/** A node of Valkey costs 20% less than the same node of Redis OSS. */
const VALKEY_SHARE = 0.8;

/** Undefined for a type that is not in the list. */
export function serverPrice(instanceType: string): Price | undefined {
  const usd = SERVER_HOUR[instanceType];
  return usd === undefined ? undefined : price(usd, 1, `hours of ${instanceType}`, 'ec2');
}

/** Undefined for a type that is not in the list. */
export function storeNodePrice(nodeType: string, engine: string): Price | undefined {
  const usd = STORE_NODE_HOUR[nodeType];
  if (usd === undefined) return undefined;
  return price(engine === 'valkey' ? round(usd * VALKEY_SHARE) : usd, 1, `hours of ${nodeType} (${engine})`, 'elasticache');
}

const round = (usd: number): number => Math.round(usd * 1e6) / 1e6;
