import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createStoreConnector } from '../../shared/store/store-connection.ts';
import { createStoreLogin } from '../../shared/store/store-login.ts';
import { readStoreSettings } from '../../shared/store/store-settings.ts';
import { WITNESS_ENV, type Witnessed } from '../contract/store-facts.ts';
import { createAskStore } from './ask-store.ts';

/** It connects to the store alone, and for its secret to Secrets Manager. */
function wire(environment: Environment): () => Promise<Witnessed> {
  const settings = readStoreSettings(environment);
  const login = createStoreLogin(settings.auth, environment, Date.now);
  return createAskStore({
    fleet: required(environment, WITNESS_ENV.fleet),
    key: required(environment, WITNESS_ENV.key),
    signIn: settings.auth.mode,
    ready: () => login.password(),
    connect: (node) => createStoreConnector({ ...settings, ...node }, login)(),
    now: Date.now,
  });
}

export const handler = stepHandler<{ readonly step: 'witness' }, Witnessed>(createLog('store-witness'), wire);
