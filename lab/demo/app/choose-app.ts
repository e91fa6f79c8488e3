/** Chooses the server that the local cloud rolls: an example, or one of the user's. */
import path from 'node:path';
import { isWar } from '../../../cli/releases/tomcat/publish-war.ts';
import type { FleetInput } from '../local-settings.ts';
import { checkApp } from './check-app.ts';
import { EXAMPLES, NODE_EXAMPLE } from './examples.ts';
import { healthKeys, type LocalApp, type PrepareExample } from './local-app.ts';
import { warApp } from './war-app.ts';

/**
 * @param app `tomcat` or `spring`, or a folder or WAR; relative to `from`; or what makes one. @default the Node example
 * @param settings the fleet's: a WAR runs in their `app`, and Tomcat's sessions are where their strategy has them
 * @throws InvalidRelease, SetupError with one sentence; nothing is started before
 */
export async function chooseApp(
  app: string | PrepareExample | undefined,
  from: string,
  settings: FleetInput = {},
  examples: Readonly<Record<string, PrepareExample>> = EXAMPLES,
): Promise<LocalApp> {
  if (app === undefined) return NODE_EXAMPLE(settings);
  if (typeof app === 'function') return app(settings);
  const example = Object.hasOwn(examples, app) ? examples[app] : undefined;
  if (example) return example(settings);
  const folder = path.resolve(from, app);
  if (await isWar(folder)) return warApp(folder, settings);
  const { port, health } = await checkApp(folder, isName(app) ? Object.keys(examples) : []);
  return {
    server: { port, ...healthKeys(health) },
    build: async () => folder,
  };
}

/** Whether the app is one of the examples, which bring their own port, health path and Tomcat. */
export const isExample = (app: string | PrepareExample | undefined): boolean => typeof app !== 'string' || Object.hasOwn(EXAMPLES, app);

/** A word that could be meant as an example's name. */
const isName = (app: string): boolean => /^[A-Za-z0-9_-]+$/.test(app);
