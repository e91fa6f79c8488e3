import { optional } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createStoreConnector } from '../../shared/store-connection.ts';
import { createStoreLogin } from '../../shared/store-login.ts';
import { readStoreSettings } from '../../shared/store-settings.ts';
import { ENV, type StoreCheckRequest } from '../contract.ts';
import { createStoreCheck, type StoreCheckReply } from '../store-check.ts';

export const handler = stepHandler<StoreCheckRequest, StoreCheckReply>(createLog('deploy-store-check'), (environment) => {
  const settings = readStoreSettings(environment);
  return createStoreCheck({
    connect: createStoreConnector(settings, createStoreLogin(settings.auth, environment, Date.now)),
    wantedReplicas: Number(optional(environment, ENV.storeReplicas) ?? 1),
    storeName: `${settings.host}:${settings.port}`,
    now: Date.now,
  });
});
