/** What the estimate takes for granted where neither the templates nor the options say it. Each errs on the dear side. */
import { LOOK_PAUSES_MS } from '../../functions/shared/patient.ts';

export const HOURS_A_MONTH = 730;
/** 365 / 12 */
export const DAYS_A_MONTH = 30.4;

export const ASSUMED = {
  deploysADay: 4,
  /** One deploy in ten fails and is rolled back on half of its targets. */
  failedShare: 0.1,
  rolledBackShare: 0.5,
  /** Instances that Auto Scaling replaces: one launch and one termination each. */
  replacementsAServerAMonth: 2,
  /** From SendCommand to the script's first line and from its last to the API's answer. */
  deliverySeconds: 2,
  /** Fetch, verify, swap, start, first answer of the server. */
  installSeconds: 30,
  /** From launch until the agent is online: looks that find nothing to send to yet. */
  bootSeconds: 60,
  /** A step that does not wait, its share of cold starts included. */
  stepSeconds: 0.5,
  /** 300,000 keys at a gentle pace; and how long one invocation goes through keys, and between two checkpoints. */
  sweepSeconds: 100,
  sweepSliceSeconds: 35,
  sweepSaveSeconds: 10,
  /** Counts by dialect and the largest sessions 5 KB, and 100 keys without a TTL. */
  checkpointBytes: 16_000,
  /** One by the schedule, and one that an alarm starts. */
  sweepsADay: 2,
  alarmSweepsADay: 1,
  /** A run of what a schedule starts: one look at the table or the store, 0.1 s when warm. */
  scheduledRunSeconds: 0.5,
  /** Hours in which one deploy publishes metrics: one for its end, and another one for drains where it spans two. */
  hoursADeploy: 1.5,
  /** Metrics of trouble have data only while there is some: an hour a day. */
  shareOfHoursInTrouble: 1 / 24,
  /** The store's record: a reading, and a window of 24 samples. */
  storeRecordBytes: 5_000,
  /** One reading as an embedded metric format line. */
  readingLogBytes: 900,
  /** Times that each custom widget is drawn: an open dashboard asks for it every minute, and is open half an hour. */
  drawsADay: 30,
  /** Reads a year's records and writes them as a table. */
  drawSeconds: 1.5,
  sweepRecordBytes: 1_000,
  /** Dashboards that CloudWatch gives every account; the only free tier that is taken off, since nothing else uses it up by itself. */
  freeDashboards: 3,
  /** A release's archive; nothing deletes old ones. */
  releaseMegabytes: 50,
  /** Deploys, their records and their releases pile up: the month that is priced is the last one of this many days. */
  historyDays: 365,
  /** A deploy's record, and what each target adds to it: its state, and some 40 bytes for each of its 7 phases. */
  recordBytes: 1_000,
  targetRecordBytes: 600,
  /** START, END, REPORT and the step's own line: 110 + 80 + 250 + 400, and 26 that each line is charged on top. */
  invocationLogBytes: 1_000,
  /** One metric as an embedded metric format line. */
  metricLogBytes: 400,
  /** One event of an execution's history without its data, at the log level ALL. */
  historyEventBytes: 600,
  /** aws:downloadContent lists the prefix and fetches; twice, for a retry. */
  requestsAnInstall: 2,
  /** Traffic that one LCU carries: 25 new connections a second, 3,000 active ones, 1 GB an hour. */
  capacityUnits: 1,
} as const;

/** How long one look waits inside its function before the state machine asks again. */
export const LOOK_SECONDS = LOOK_PAUSES_MS.reduce((sum, ms) => sum + ms, 0) / 1000;
