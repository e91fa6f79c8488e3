import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { writeDialectShares } from '../../shared/dialect-shares.ts';
import { createDocumentClient } from '../../shared/dynamo-records.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createRecordsTable } from '../../shared/records-table.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createStoreConnector } from '../../shared/store-connection.ts';
import { createStoreLogin } from '../../shared/store-login.ts';
import { readStoreSettings } from '../../shared/store-settings.ts';
import { SWEEP_ENV, type SweepRequest } from '../contract.ts';
import { readSweepSettings } from '../read-sweep-input.ts';
import { createSweep, type SweepReply } from '../sweep.ts';
import { createSweepMetrics } from '../sweep-metrics.ts';
import { dynamoSweepRecords } from '../sweep-records.ts';

/** Of the function's 60 s: the rest is for connecting (3 s and more), the last page, and what is written then. */
const BUDGET_MS = 35_000;

const log = createLog('sweep');

export const handler = stepHandler<SweepRequest, SweepReply>(log, (environment) => {
  const store = readStoreSettings(environment);
  const login = createStoreLogin(store.auth, environment, Date.now);
  const table = createRecordsTable(createDocumentClient(), required(environment, SWEEP_ENV.recordsTable));
  const s3 = new S3Client(CLIENT_OPTIONS);
  const Bucket = required(environment, SWEEP_ENV.reportsBucket);
  return createSweep({
    connect: (node) => createStoreConnector({ ...store, ...node }, login)(),
    storeName: `${store.host}:${store.port}`,
    records: dynamoSweepRecords(table),
    keepReport: async (Key, report) => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(report), ContentType: 'application/json' }));
    },
    keepShares: (shares) => writeDialectShares(table, shares),
    metrics: createSweepMetrics(required(environment, SWEEP_ENV.installation)),
    log,
    settings: readSweepSettings(required(environment, SWEEP_ENV.settings)),
    now: Date.now,
    pause: (ms) => sleep(ms),
    budgetMs: BUDGET_MS,
  });
});
