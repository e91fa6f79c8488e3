import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { readDialectShares, writeDialectShares } from '../records/dialect-shares.ts';
import { recordsTableFrom } from '../records/dynamo-records.ts';
import { readStoreNodes } from '../records/store-nodes.ts';
import { readTtlBaseline, writeTtlBaseline } from '../records/ttl-baseline.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { putJsonInto } from '../shared/aws/objects.ts';
import { optional, required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { createStoreConnector } from '../shared/store/store-connection.ts';
import { createStoreLogin } from '../shared/store/store-login.ts';
import { readStoreSettings } from '../shared/store/store-settings.ts';
import { SWEEP_ENV } from './contract/environment.ts';
import type { SweepRequest } from './contract/steps.ts';
import { readSweepSettings } from './read-sweep-input.ts';
import { createSweepMetrics } from './report/sweep-metrics.ts';
import { createSweep, type SweepReply } from './sweep.ts';
import { dynamoSweepRecords } from './sweep-records.ts';

/** The part of the function's 60 s in which keys are read; the rest is for connecting (3 s and more), the last page and the final writes. */
const BUDGET_MS = 35_000;

const log = createLog('sweep');

export const handler = stepHandler<SweepRequest, SweepReply>(log, (environment) => {
  const store = readStoreSettings(environment);
  const login = createStoreLogin(store.auth, environment, Date.now);
  const table = recordsTableFrom(environment);
  return createSweep({
    connect: (node) => createStoreConnector({ ...store, ...node }, login)(),
    storeName: `${store.host}:${store.port}`,
    records: dynamoSweepRecords(table),
    storeNodes: () => readStoreNodes(table),
    saveReport: putJsonInto(new S3Client(CLIENT_OPTIONS), required(environment, SWEEP_ENV.reportsBucket)),
    version: optional(environment, 'AWS_LAMBDA_FUNCTION_VERSION') ?? '',
    baseline: { get: () => readTtlBaseline(table), put: (baseline) => writeTtlBaseline(table, baseline) },
    shares: () => readDialectShares(table),
    saveShares: (shares) => writeDialectShares(table, shares),
    metrics: createSweepMetrics(required(environment, SWEEP_ENV.installation)),
    log,
    settings: readSweepSettings(required(environment, SWEEP_ENV.settings)),
    now: Date.now,
    pause: (ms) => sleep(ms),
    budgetMs: BUDGET_MS,
  });
});
