import { readDialectShares } from '../records/dialect-shares.ts';
import { recordsTableFrom } from '../records/dynamo-records.ts';
import { readStoreNodes, writeStoreNodes } from '../records/store-nodes.ts';
import { putLoweredBaseline, readTtlBaseline } from '../records/ttl-baseline.ts';
import { optional, required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { createStoreConnector } from '../shared/store/store-connection.ts';
import { createStoreLogin } from '../shared/store/store-login.ts';
import { readStoreSettings, type StoreSettings } from '../shared/store/store-settings.ts';
import { type CollectRequest, createCollect } from './collect.ts';
import { COLLECT_ENV, type StoreReading } from './contract.ts';
import { createStoreMetrics } from './select-metrics.ts';
import { createStoreNodes } from './store-nodes.ts';
import { dynamoStoreRecords } from './store-records.ts';

export const handler = stepHandler<CollectRequest, StoreReading>(createLog('store-collect'), (environment) => {
  const settings = readStoreSettings(environment);
  const login = createStoreLogin(settings.auth, environment, Date.now);
  const table = recordsTableFrom(environment);
  const connect = (node: StoreSettings) => createStoreConnector(node, login)();
  const isListed = optional(environment, COLLECT_ENV.storeNodes) !== undefined;
  return createCollect({
    nodes: createStoreNodes(settings, environment, connect),
    ...(isListed && { behindEndpoint: createStoreNodes(settings, {}, connect) }),
    records: dynamoStoreRecords(table),
    known: { get: () => readStoreNodes(table), put: (nodes) => writeStoreNodes(table, nodes) },
    shares: () => readDialectShares(table),
    baseline: { get: () => readTtlBaseline(table), lower: (baseline) => putLoweredBaseline(table, baseline) },
    swept: required(environment, COLLECT_ENV.databases).split(',').map(Number),
    publish: createStoreMetrics(required(environment, COLLECT_ENV.installation)),
    now: Date.now,
    collectMinutes: Number(required(environment, COLLECT_ENV.collectMinutes)),
    sampleSeconds: Number(required(environment, COLLECT_ENV.sampleSeconds)),
    sweepOverdueAfter: {
      ageSeconds: Number(required(environment, COLLECT_ENV.sweepOverdueSeconds)),
      answerSeconds: Number(required(environment, COLLECT_ENV.sweepAnswerSeconds)),
    },
  });
});
