/** Assumptions where neither the templates nor the options give a value. Each errs on the expensive side. */
export const HOURS_PER_MONTH = 730;
/** 365 / 12 */
export const DAYS_PER_MONTH = 30.4;

export const ASSUMED = {
  deploysPerDay: 4,
  /** One deploy in ten fails and is rolled back on half of its targets. */
  failedShare: 0.1,
  rolledBackShare: 0.5,
  /** Instances that Auto Scaling replaces: one launch and one termination each. */
  replacementsPerServerPerMonth: 2,
  /** New user data or a new image for every server. */
  refreshesPerMonth: 1,
  /** Fetch, verify, swap, start, first answer of the server. */
  installSeconds: 30,
  /** A step that does not wait, its share of cold starts included; a scheduled run, which reads the table or the store. */
  stepSeconds: 0.5,
  /** 300,000 keys at a gentle pace, and the checkpoints that are saved meanwhile, with counts by dialect and the largest sessions. */
  sweepSeconds: 100,
  sweepCheckpoints: 20,
  checkpointBytes: 16_000,
  /** One by the schedule, and one started by an alarm. */
  sweepsPerDay: 2,
  alarmSweepsPerDay: 1,
  /** Hours in which one deploy publishes metrics: one for its end, and for half of the deploys another one for drains. */
  hoursPerDeploy: 1.5,
  /** Metrics of problems have data only during one: an hour per day. */
  shareOfHoursInTrouble: 1 / 24,
  /** A reading with a window of 24 samples is 5 KB, the nodes 1 KB; each run reads both, on top of what the last sweep found. */
  readingWriteUnits: 6,
  readingReadUnits: 3,
  /** One reading as a line in embedded metric format. */
  readingLogBytes: 900,
  /** A turn of a canary: two requests, half a second apart, and their answers. A run: 300 requests at most, two a second, and what waits. */
  canaryTurnSeconds: 2,
  canaryRunSeconds: 240,
  /** The lease twice, and a record of 3 KB with the results. */
  canaryWriteUnits: 5,
  /** The kept sessions are read and written with every turn; passwords are kept for an hour of twelve turns, or shorter. */
  canaryKeyRequests: 2,
  canarySecretReads: 1 / 3,
  /** In the hour of trouble of each day, one runbook, and alarms that go into ALARM and back. */
  runbooksPerDay: 1,
  alarmChangesPerDay: 6,
  /** An incident whose trouble goes on for six hours of each day: one look every half hour. */
  looksPerDay: 12,
  /** A source waits for servers' logs, CloudTrail's two calls a second, or a gentle sample of the store; most take a second. */
  sourceSeconds: 15,
  /** How often each custom widget is rendered: an open dashboard does so every minute, and is open half an hour. */
  rendersPerDay: 30,
  /** Reads a year's records and writes them as a table. */
  renderSeconds: 1,
  /** Free dashboards per account; the only free tier that is subtracted, because nothing else uses it up automatically. */
  freeDashboards: 3,
  /** A release's archive; old ones are never deleted. */
  releaseMegabytes: 50,
  /** Records and releases accumulate: the priced month is the last one of this many days. */
  historyDays: 365,
  /** A deploy's record, and what each target adds to it: its state, and about 40 bytes for each of its 7 phases. */
  recordBytes: 1_000,
  targetRecordBytes: 600,
  /** START, END, REPORT and the step's own line: 110 + 80 + 250 + 400, and 26 extra for each line. */
  invocationLogBytes: 1_000,
  /** Metrics that a deploy and each of its targets log, and one of them as a line in embedded metric format. */
  metricsPerExecution: 2,
  metricLogBytes: 400,
  /** One event of an execution's history without its data, at the log level ALL. */
  historyEventBytes: 600,
  /** aws:downloadContent lists the prefix and fetches; twice, for a retry. */
  requestsPerInstall: 2,
  /** Traffic that one LCU carries: 25 new connections a second, 3,000 active ones, 1 GB an hour. */
  capacityUnits: 1,
} as const;
