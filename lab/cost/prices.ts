/**
 * The lines of the bill, and AWS's list prices: US dollars, us-east-1, on demand, the first tier. Nothing is subtracted for free tiers: they
 * belong to the account, where others may have used them up. Last compared with the published prices on 2026-11-20. Pure.
 */
/**
 * `usd` for `per` units, or undefined for a type that is not in the list; the unit is plural, as a quantity is read.
 * @see https://aws.amazon.com/SERVICE/pricing/ for each service
 */
type Price = readonly [category: string, service: string, item: string, usd: number | undefined, per: number, unit: string];

/** In the order in which they are printed. */
export const PRICES = {
  standardAlarms: ['alarms', 'cloudwatch', 'alarms', 0.1, 1, 'alarm metrics'],
  customMetrics: ['metrics', 'cloudwatch', 'custom metrics', 0.3, 1, 'custom metrics'], // only hours with data are charged
  dashboards: ['dashboards', 'cloudwatch', 'dashboards', 3, 1, 'dashboards'],
  highResolutionAlarms: ['alarms', 'cloudwatch', 'high-resolution alarms', 0.3, 1, 'high-resolution alarm metrics'], // periods below 60 s
  compositeAlarms: ['alarms', 'cloudwatch', 'composite alarms', 0.5, 1, 'composite alarms'],
  keys: ['storage', 'kms', 'keys', 1, 1, 'keys'],
  secrets: ['storage', 'secrets-manager', 'secrets', 0.4, 1, 'secrets'],
  canarySecrets: ['storage', 'secrets-manager', 'passwords of the canary', 0.4, 1, 'secrets'],
  interfaceEndpoints: ['network', 'privatelink', 'interface endpoints', 0.01, 1, 'endpoint-hours'],
  transitions: ['transitions', 'step-functions', 'state transitions', 0.025, 1_000, 'state transitions'],
  requests: ['functions', 'lambda', 'function requests', 0.2, 1_000_000, 'requests'],
  gbSeconds: ['functions', 'lambda', 'function time', 0.0000133334, 1, 'GB-seconds'], // arm64, as all of Holdfast's functions are
  logBytes: ['logs', 'cloudwatch', 'log ingestion', 0.5, 1e9, 'bytes'],
  alarmReads: ['requests', 'cloudwatch', 'alarm states', 0.01, 1_000, 'API requests'],
  traces: ['requests', 'xray', 'traces', 5, 1_000_000, 'traces'],
  schedules: ['requests', 'eventbridge', 'schedules', 1, 1_000_000, 'scheduled invocations'],
  tableWrites: ['requests', 'dynamodb', 'records, writes', 0.625, 1_000_000, 'write request units'],
  tableReads: ['requests', 'dynamodb', 'records, reads', 0.125, 1_000_000, 'read request units'],
  keyRequests: ['requests', 'kms', 'key requests', 0.03, 10_000, 'requests of keys'],
  secretReads: ['requests', 'secrets-manager', 'reads of secrets', 0.05, 10_000, 'reads of secrets'],
  objectWrites: ['requests', 's3', 'releases, writes', 0.005, 1_000, 'PUT and LIST requests'],
  objectReads: ['requests', 's3', 'releases, reads', 0.0004, 1_000, 'GET requests'],
  logStorage: ['logs', 'cloudwatch', 'log storage', 0.03, 1, 'GB-months'],
  // Storage 0.25 and continuous backup 0.20.
  tableStorage: ['storage', 'dynamodb', 'records, storage', 0.45, 1, 'GB-months with point-in-time recovery'],
  objectTransitions: ['requests', 's3', 'releases, transitions', 0.02, 1_000, 'transitions to Glacier Instant Retrieval'],
  objectStorage: ['storage', 's3', 'releases, storage', 0.023, 1, 'GB-months'],
  // For 90 days and 128 KB at least. A rollback to an old release pays 0.03 for each GB and 0.01 for 1,000 GET requests.
  archiveStorage: ['storage', 's3', 'old releases, storage', 0.004, 1, 'GB-months of Glacier Instant Retrieval'],
  loadBalancers: ['infrastructure', 'elasticloadbalancing', 'load balancer', 0.0225, 1, 'hours'],
  capacityUnits: ['infrastructure', 'elasticloadbalancing', 'load balancer capacity', 0.008, 1, 'LCU-hours'],
  storeKeys: ['infrastructure', 'kms', 'store key', 1, 1, 'keys'],
  storeSecrets: ['infrastructure', 'secrets-manager', 'store secret', 0.4, 1, 'secrets'],
  volumes: ['infrastructure', 'ebs', 'server volumes', 0.08, 1, 'GB-months of gp3'],
  addresses: ['infrastructure', 'vpc', 'public IPv4 addresses', 0.005, 1, 'address-hours'],
  serverMetrics: ['infrastructure', 'cloudwatch', 'servers, detailed monitoring', 0.3, 1, 'custom metrics'],
} as const satisfies Readonly<Record<string, Price>>;

/** By family and size: Linux servers, and nodes of Redis OSS, by the hour. */
const SERVERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  t4g: { nano: 0.0042, micro: 0.0084, small: 0.0168, medium: 0.0336, large: 0.0672, xlarge: 0.1344, '2xlarge': 0.2688 },
  m7g: { large: 0.0816, xlarge: 0.1632 },
};
const NODES: typeof SERVERS = { t4g: { micro: 0.016, small: 0.032, medium: 0.065 }, r7g: { large: 0.219, xlarge: 0.437 } };

export function serverPrice(type: string): Price {
  const [family = '', size = ''] = type.split('.');
  return ['infrastructure', 'ec2', 'servers', SERVERS[family]?.[size], 1, `hours of ${type}`];
}

export function nodePrice(type: string, engine: string): Price {
  const [, family = '', size = ''] = type.split('.');
  // A node of Valkey costs 20 % less than the same node of Redis OSS.
  const usd = Math.round((NODES[family]?.[size] ?? 0) * (engine === 'valkey' ? 0.8 : 1) * 1e6) / 1e6;
  return ['infrastructure', 'elasticache', 'store nodes', usd || undefined, 1, `hours of ${type} (${engine})`];
}

export type CostLine = ReturnType<typeof lineOf>;

/** @param arithmetic how the quantity is calculated, for people @returns what is printed; `unitPrice` and `monthly` are null without a price */
export function lineOf([category, , item, usd, per, unit]: Price, quantity: number, arithmetic = '', note: string | null = null) {
  const line = { item, category, quantity, unit };
  const unlisted = 'not in the price list, so not in the total';
  if (usd === undefined) return { ...line, unitPrice: null, monthly: null, arithmetic: `${arithmetic}, ${unit}`, note: unlisted };
  const rate = per === 1 ? dollars(usd) : `${dollars(usd)} / ${per.toLocaleString('en-US')}`;
  const product = `${show(quantity)} ${quantity === 1 ? unit.replace(/s$/, '') : unit} × ${rate}`;
  const monthly = Math.round((quantity * usd * 1e4) / per) / 1e4;
  return { ...line, unitPrice: usd / per, monthly, arithmetic: `${product}${arithmetic && `; ${arithmetic}`}`, note };
}

/** `$3`, `$0.10`, `$0.0225` */
const dollars = (usd: number): string => `$${Number.isInteger(usd * 10) && !Number.isInteger(usd) ? usd.toFixed(2) : usd}`;

/** `1,204`, `38.3`, `0.25`, `0.0032` */
export function show(value: number): string {
  if (value > 0 && value < 1) return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}
