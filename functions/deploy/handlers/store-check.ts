import { optional } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { connectStore } from '../../shared/store-connection.ts';
import { readStoreSettings } from '../../shared/store-settings.ts';
import { ENV, type StoreCheck, type StoreCheckRequest } from '../contract.ts';
import { createStoreCheck } from '../store-check.ts';

export const handler = stepHandler<StoreCheckRequest, StoreCheck>(createLog('deploy-store-check'), (environment) => {
  const settings = readStoreSettings(environment);
  return createStoreCheck({
    connect: () => connectStore(settings, environment),
    wantedReplicas: Number(optional(environment, ENV.storeReplicas) ?? 1),
    storeName: `${settings.host}:${settings.port}`,
  });
});
