/** Names that infrastructure, functions and commands share, each built in one place only. */

/** Prefix of every resource of an installation. */
export const DEFAULT_INSTALLATION = 'holdfast';

/**
 * An installation's name. It begins the names of resources, and AWS reserves how some begin: of Systems Manager's documents `aws`, `amazon` and
 * `amzn`, of S3's buckets `sthree-`, and of security groups, whose names CloudFormation makes from the stacks', `sg-`.
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
 */
export const INSTALLATION_PATTERN = '^(?!aws|amazon|amzn|sthree(-|$)|sg(-|$))[a-z][a-z0-9-]{0,23}$';
export const INSTALLATION_RULE =
  'must be 1 to 24 lower-case letters, digits and hyphens, begin with a letter, and not begin with aws, amazon, amzn, sthree- or sg-, which AWS reserves';

/** Namespace of every metric that Holdfast publishes. */
export const METRIC_NAMESPACE = 'Holdfast';

/** Tag on every resource of one fleet; permissions on instances depend on it. */
export const FLEET_TAG = 'holdfast:fleet';

/** Tag on the listener rules of one incident's re-login page, next to {@link FLEET_TAG}; its value is the incident's id. */
export const INCIDENT_TAG = 'holdfast:incident';

/** Tag on the secret of the fleets that share sessions; its value is `INSTALLATION/GROUP`. */
export const SESSIONS_TAG = 'holdfast:sessions';

export const recordsTableName = (installation: string): string => `${installation}-records`;
export const deployStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-deploy`;
export const rollTargetStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-roll-target`;
export const cleanUpStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-clean-up`;
export const sweepStateMachineName = (installation: string): string => `${installation}-sweep`;
export const launchStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-launch`;
export const terminateStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-terminate`;
/** Bucket names are global: the account and the Region make this one unique. */
export const releasesBucketName = (installation: string, account: string, region: string): string =>
  `${installation}-releases-${account}-${region}`;
export const documentName = (installation: string, document: string): string => `${installation}-${document}`;
/** A fleet's own document: its name includes the fleet, since fleets share an installation. */
/** Of a fleet of CodeDeploy bundles: the document that runs their scripts as root. */
export const bundleDocumentName = (installation: string, fleet: string): string => `${installation}-${fleet}-install-bundle`;
export const prepareDocumentName = (installation: string, fleet: string): string => `${installation}-${fleet}-prepare`;
export const autoScalingGroupName = (installation: string, fleet: string): string => `${installation}-${fleet}`;
export const targetGroupName = (installation: string, fleet: string): string => `${installation}-${fleet}`;
/**
 * SSM parameter with the name of the created store's parameter group, which CloudFormation generates. Parameters' names must not begin with
 * `aws` or `ssm`.
 */
export const parameterGroupParameterName = (installation: string): string => `/holdfast/${installation}/store-parameter-group`;
/** SSM parameters with the ARNs of a rule that deploys change, and its target group: of drains, for a fleet whose deploys wait for sessions, or of session gates. */
export const frontParameterName = (installation: string, fleet: string, front: 'drain' | 'gate', what: 'rule' | 'target-group'): string =>
  `/holdfast/${installation}/${fleet}/${front}-${what}`;
/** SSM parameter with the list of the variables of a fleet's application. */
export const environmentParameterName = (installation: string, fleet: string): string => `/holdfast/${installation}/${fleet}/environment`;
/** SSM parameter that commands find the installation by. */
export const installationParameterName = (installation: string): string => `/holdfast/${installation}/installation`;
/**
 * SSM parameter with the contract of what commands start of one part: of a fleet, of {@link STORE_PART} or of {@link INCIDENTS_PART}. No
 * fleet's name has an underscore.
 */
export const contractParameterName = (installation: string, part: string): string => `/holdfast/${installation}/_contract/${part}`;
/** SSM parameter with the sessions that a fleet's canary keeps: a SecureString. */
export const canaryKeptName = (installation: string, fleet: string): string => `/holdfast/${installation}/${fleet}/canary-sessions`;
export const replicationGroupId = (installation: string): string => `${installation}-sessions`;
/** Table of the orders, payments and the like that a fleet's users have begun. */
export const criticalActionsTableName = (installation: string, fleet: string): string => `${installation}-${fleet}-critical-actions`;
export const functionName = (installation: string, fleet: string, role: string): string => `${installation}-${fleet}-${role}`;

/** Takes the place of the fleet's name in names that belong to the installation's one store. */
export const STORE_PART = 'store';
/** Takes the place of the fleet's name in the names of functions that work on incidents. */
export const INCIDENTS_PART = 'incidents';
export const storeFunctionName = (installation: string, role: string): string => functionName(installation, STORE_PART, role);

/** Topic that receives the outcome of each deploy of a fleet. */
export const deploysTopicName = (installation: string, fleet: string): string => `${installation}-${fleet}-deploys`;

/** What the people and pipelines that run the commands on a fleet are allowed, each by a policy of its own. */
export type PolicyKind = 'publisher' | 'operator' | 'reader';
/** Managed policy for people and pipelines that run the commands on a fleet. */
export const policyName = (installation: string, fleet: string, kind: PolicyKind): string => `${installation}-${fleet}-${kind}`;
/** Value of the tag {@link FLEET_TAG}. */
export const fleetTagValue = (installation: string, fleet: string): string => `${installation}/${fleet}`;
/** Alarms that every fleet has, with the two of a canary. A deploy watches the first four, which are its web tier's, while it settles. */
const FLEET_ALARMS = [
  'unhealthy-hosts',
  'target-5xx',
  'target-connection-errors',
  'load-balancer-5xx',
  'target-p99',
  'redirects',
  'refusals',
  'load-balancer-refusals',
  'logins-repeated',
  'redirect-loop',
  'deploy-failed',
  'deploy-timed-out',
  'deploy-stuck',
  'orphaned-lock',
  'clean-up-failed',
  'clean-up-dead-letters',
  'lifecycle-dead-letters',
  'retained-servers',
  'canary-findings',
  'canary-silent',
] as const;
export type FleetAlarm = (typeof FLEET_ALARMS)[number];
export const fleetAlarmName = (installation: string, fleet: string, alarm: FleetAlarm): string => `${installation}-${fleet}-${alarm}`;
/**
 * @param has `group`: the fleet is an Auto Scaling group, whose lifecycle events can be lost. `retention`: it retains servers. `canary`:
 * one is configured
 */
export const fleetAlarmNames = (
  installation: string,
  fleet: string,
  has: { readonly group: boolean; readonly retention: boolean; readonly canary: boolean },
): readonly string[] =>
  FLEET_ALARMS.filter(
    (alarm) =>
      (has.group || alarm !== 'lifecycle-dead-letters') &&
      (has.retention || alarm !== 'retained-servers') &&
      (has.canary || !alarm.startsWith('canary-')),
  ).map((alarm) => fleetAlarmName(installation, fleet, alarm));

/** Those that see users logged out, refused or sent in a circle. */
const PEOPLE_ALARMS = [
  'redirects',
  'refusals',
  'load-balancer-refusals',
  'logins-repeated',
  'redirect-loop',
] as const satisfies readonly FleetAlarm[];
export const peopleAlarmNames = (installation: string, fleet: string): readonly string[] =>
  PEOPLE_ALARMS.map((alarm) => fleetAlarmName(installation, fleet, alarm));

/** Alarms on the one store of an installation. */
const STORE_ALARMS = [
  'memory-percent',
  'time-to-full',
  'evictions',
  'refused-writes',
  'engine-cpu',
  'keys-without-ttl',
  'keys-unrepaired',
  'hit-rate-drop',
  'active-session-drop',
  'sessions-lost',
  'logins-again',
  'replication-lag',
  'failover',
  'connections',
  'authentication-failures',
  'collector-silent',
  'store-unreachable',
  'sweep-overdue',
] as const;
export type StoreAlarm = (typeof STORE_ALARMS)[number];
export const storeAlarmName = (installation: string, alarm: StoreAlarm): string => `${installation}-${STORE_PART}-${alarm}`;
export const storeAlarmNames = (installation: string): readonly string[] =>
  STORE_ALARMS.map((alarm) => storeAlarmName(installation, alarm));

/** Alarm on events that the functions of incidents did not handle. */
export const unhandledEventsAlarmName = (installation: string): string => `${installation}-${INCIDENTS_PART}-dead-letters`;
/** Alarm on a mitigation that has bridged an outage for a long time. */
export const mitigationAlarmName = (installation: string): string => `${installation}-${INCIDENTS_PART}-mitigation-in-effect`;
export const incidentAlarmNames = (installation: string): readonly string[] => [
  unhandledEventsAlarmName(installation),
  mitigationAlarmName(installation),
];

export const dashboardName = (installation: string, dashboard: 'sessions' | 'store'): string => `${installation}-${dashboard}`;
export const fleetDashboardName = (installation: string, fleet: string, dashboard: 'deploys' | 'web-tier'): string =>
  `${installation}-${fleet}-${dashboard}`;

/** Titles of the widgets that are the curves of the console's first page. */
export const CURVES = {
  answers: 'Answers by class',
  turnedAway: 'People turned away',
  sessions: 'Active sessions',
  latency: 'Latency',
} as const;

/** Topic that every alarm of an installation notifies. */
export const alarmsTopicName = (installation: string): string => `${installation}-alarms`;

/** A stack that every installation has, and that is among the first to be deployed. */
export const releasesStackName = (installation: string): string => `${installation}-releases`;

/** The last stack of a protected installation: until its termination protection is off, `cdk destroy` deletes no other. */
export const terminationProtectionStackName = (installation: string): string => `${installation}-termination-protection`;

/** Key of a release's archive in the releases bucket. `+` would be a space in a URL; no version contains `@`. */
export const releaseKey = (fleet: string, version: string): string => `${fleet}/${version.replaceAll('+', '@')}/release.tar.gz`;

/** Key of the archive of a release's assets, next to the release's own. */
export const assetsKey = (fleet: string, version: string): string =>
  releaseKey(fleet, version).replace(/release(?=[.]tar[.]gz$)/, 'assets');

/** Prefix of archives that publishers upload for a fleet's publish function; no fleet's name begins with `_`. */
export const INCOMING_PREFIX = '_incoming/';
export const incomingPrefix = (fleet: string): string => `${INCOMING_PREFIX}${fleet}/`;
/** Key of an uploaded archive. It has the content's checksum, so that two publishers of one version do not meet. */
export const incomingReleaseKey = (fleet: string, version: string, sha256: string): string =>
  `${incomingPrefix(fleet)}${version.replaceAll('+', '@')}/${sha256}.tar.gz`;

/** Role of the function that publishes a fleet's releases, in its name. */
export const PUBLISH_ROLE = 'publish';

/** Prefix of sweep reports in the releases bucket; no fleet's name begins with `_`. */
export const SWEEP_REPORTS_PREFIX = '_store/sweeps/';
export const sweepReportKey = (sweepId: string): string => `${SWEEP_REPORTS_PREFIX}${sweepId}.json`;
