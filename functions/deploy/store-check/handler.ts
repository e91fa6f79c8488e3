import { optional } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createStoreConnector } from '../../shared/store/store-connection.ts';
import { createStoreLogin } from '../../shared/store/store-login.ts';
import { readStoreSettings } from '../../shared/store/store-settings.ts';
import { ENV } from '../contract/environment.ts';
import type { StoreCheckRequest } from '../contract/store-check.ts';
import { createStoreCheck, type StoreCheckReply } from './store-check.ts';

export const handler = stepHandler<StoreCheckRequest, StoreCheckReply>(createLog('deploy-store-check'), (environment) => {
  const settings = readStoreSettings(environment);
  return createStoreCheck({
    connect: createStoreConnector(settings, createStoreLogin(settings.auth, environment, Date.now)),
    wantedReplicas: Number(optional(environment, ENV.storeReplicas) ?? 1),
    storeName: `${settings.host}:${settings.port}`,
    now: Date.now,
  });
});
