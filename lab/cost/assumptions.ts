/** Assumptions where neither the templates nor the options give a value. Each errs on the expensive side. */
export const HOURS_PER_MONTH = 730;
export const DAYS_PER_MONTH = 30.4; // 365 / 12

export const ASSUMED = {
  deploysPerDay: 4,
  failedShare: 0.1, // one deploy in ten fails and is rolled back on half of its targets
  rolledBackShare: 0.5,
  replacementsPerServerPerMonth: 2, // instances that Auto Scaling replaces: one launch and one termination each
  refreshesPerMonth: 1, // new user data or a new image for every server
  installSeconds: 30, // fetch, verify, swap, start, first answer of the server
  deliverySeconds: 16, // what a roll takes next to waits and install: Run Command's delivery, and the readiness check's first requests
  pollSeconds: 10, // how long a function polls for the end of a command (functions/shared/poll.ts)
  lookSeconds: 41, // and a deploy's for the end of a roll (functions/deploy/rolls/await-rolls.ts)
  stepSeconds: 0.5, // a step that does not wait, its share of cold starts included; a scheduled run, which reads the table or the store
  sweepSeconds: 100, // 300,000 keys at a gentle pace
  sweepCheckpoints: 20, // saved meanwhile, with counts by dialect and the largest sessions
  checkpointBytes: 16_000,
  sweepsPerDay: 2, // one by the schedule, and one started by an alarm
  alarmSweepsPerDay: 1,
  hoursPerDeploy: 1.5, // in which it publishes metrics: one for its end, and for half of the deploys another one for drains
  shareOfHoursInTrouble: 1 / 24, // metrics of problems have data only during one: an hour per day
  readingWriteUnits: 8, // a reading with a window of 24 samples and 75 minutes is 7 KB, the nodes 1 KB
  readingReadUnits: 4, // each run reads both, on top of what the last sweep found
  readingLogBytes: 900, // one reading as a line in embedded metric format
  canaryTurnSeconds: 2, // two requests, half a second apart, and their answers
  canaryRunSeconds: 240, // 300 requests at most, two a second, and what waits
  canaryWriteUnits: 5, // the lease twice, and a record of 3 KB with the results
  canaryKeyRequests: 2, // the kept sessions are read and written with every turn
  canarySecretReads: 1 / 3, // passwords are kept for an hour of twelve turns, or shorter
  runbooksPerDay: 1, // in the hour of trouble of each day
  alarmChangesPerDay: 6, // alarms that go into ALARM and back
  looksPerDay: 12, // an incident whose trouble goes on for six hours of each day is checked again every half hour
  sourceSeconds: 15, // servers' logs, CloudTrail's two calls a second, or a gentle sample of the store; most take a second
  rendersPerDay: 30, // of each custom widget: an open dashboard renders it every minute, and is open half an hour
  renderSeconds: 1, // reads a year's records and writes them as a table
  freeDashboards: 3, // per account; the only free tier that is subtracted, because nothing else uses it up automatically
  releaseMegabytes: 50, // a release's archive; old ones are never deleted
  historyDays: 365, // records and releases accumulate: the priced month is the last one of this many days
  recordBytes: 1_000, // a deploy's record
  targetRecordBytes: 600, // what each target adds to it: its state, and about 40 bytes for each of its 7 phases
  invocationLogBytes: 1_000, // START, END, REPORT and the step's own line: 110 + 80 + 250 + 400, and 26 extra for each line
  metricsPerExecution: 2, // that a deploy and each of its targets log
  metricLogBytes: 400, // one of them as a line in embedded metric format
  historyEventBytes: 600, // one event of an execution's history without its data, at the log level ALL
  requestsPerInstall: 2, // aws:downloadContent lists the prefix and fetches; twice, for a retry
  capacityUnits: 1, // traffic that one LCU carries: 25 new connections a second, 3,000 active ones, 1 GB an hour
} as const;
