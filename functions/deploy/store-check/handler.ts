import { type Environment, optional } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createStoreConnector } from '../../shared/store/store-connection.ts';
import { createStoreLogin } from '../../shared/store/store-login.ts';
import { readStoreSettings } from '../../shared/store/store-settings.ts';
import { ENV } from '../contract/environment.ts';
import type { StoreCheckRequest } from '../contract/store-check-steps.ts';
import { createStoreCheck, type StoreCheckPorts, type StoreCheckReply } from './store-check.ts';

function connectorFrom(environment: Environment): StoreCheckPorts['connect'] {
  const settings = readStoreSettings(environment);
  return createStoreConnector(settings, createStoreLogin(settings.auth, environment, Date.now));
}

/** The function's core with the adapters that its environment names. */
export function wire(environment: Environment, connect: StoreCheckPorts['connect'] = connectorFrom(environment)) {
  const { host, port } = readStoreSettings(environment);
  return createStoreCheck({
    connect,
    wantedReplicas: Number(optional(environment, ENV.storeReplicas) ?? 1),
    storeName: `${host}:${port}`,
    now: Date.now,
  });
}

export const handler = stepHandler<StoreCheckRequest, StoreCheckReply>(createLog('deploy-store-check'), wire);
