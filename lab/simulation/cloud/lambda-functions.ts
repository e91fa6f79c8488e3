/** The functions' own code, loaded after the modules that reach outside the process are replaced. */
import '../seam/replace-modules.ts';
import type { StoreProbe } from '../../../functions/deploy/store-check/store-check.ts';
import type { Environment } from '../../../functions/shared/environment.ts';
import type { StepRequest } from '../../../functions/shared/step-handler.ts';

export type Handler = (request: StepRequest) => Promise<unknown>;

/** Makes the handler of one execution environment. */
export type NewHandler = (environment: Environment) => Handler;

interface HandlerModule {
  readonly wire: (environment: Environment, ...more: never[]) => (request: never) => Promise<unknown>;
}

/** Loaded on demand: the imports come after the replacements above. */
const MODULES: Readonly<Record<string, () => Promise<HandlerModule>>> = {
  assess: () => import('../../../functions/deploy/assess/handler.ts'),
  cleanUp: () => import('../../../functions/deploy/clean-up/handler.ts'),
  command: () => import('../../../functions/deploy/command/handler.ts'),
  control: () => import('../../../functions/deploy/control/handler.ts'),
  lifecycle: () => import('../../../functions/lifecycle/handler.ts'),
  reconcile: () => import('../../../functions/deploy/reconcile/handler.ts'),
  scaling: () => import('../../../functions/deploy/scaling/handler.ts'),
  sessions: () => import('../../../functions/deploy/sessions/handler.ts'),
  storeCheck: () => import('../../../functions/deploy/store-check/handler.ts'),
  traffic: () => import('../../../functions/deploy/traffic/handler.ts'),
};

/**
 * Loads every function, once per process; takes a second.
 * @returns by name, what makes a handler. The store check gets its connection from the run
 */
export async function loadFunctions(): Promise<(connect: () => Promise<StoreProbe>) => ReadonlyMap<string, NewHandler>> {
  const { stepHandler } = await import('../../../functions/shared/step-handler.ts');
  const { createLog } = await import('../../../functions/shared/logger.ts');
  const modules = await Promise.all(Object.entries(MODULES).map(async ([name, load]) => [name, await load()] as const));
  return (connect) =>
    new Map(
      modules.map(([name, { wire }]) => {
        const more = name === 'storeCheck' ? [connect as never] : [];
        return [name, (environment) => stepHandler(createLog(name), () => wire(environment, ...more) as Handler)];
      }),
    );
}
