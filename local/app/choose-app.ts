/** Chooses the server that the local cloud rolls: an example, or one of the user's. */
import path from 'node:path';
import { isWar } from '../../cli/release/tomcat/publish-war.ts';
import type { FleetInput } from '../local-settings.ts';
import { checkApp } from './check-app.ts';
import { EXAMPLES, NODE_EXAMPLE } from './examples.ts';
import type { LocalApp, PrepareExample } from './local-app.ts';
import { warApp } from './war-app.ts';

/**
 * @param app `tomcat` or `spring`, or a folder or WAR; relative to `from`. @default the Node example
 * @param project the fleet's settings, whose `app` a WAR runs in
 * @throws InvalidRelease, SetupError with one sentence; nothing is started before
 */
export async function chooseApp(
  app: string | undefined,
  from: string,
  project: FleetInput = {},
  examples: Readonly<Record<string, PrepareExample>> = EXAMPLES,
): Promise<LocalApp> {
  if (app === undefined) return NODE_EXAMPLE();
  const example = Object.hasOwn(examples, app) ? examples[app] : undefined;
  if (example) return example();
  const folder = path.resolve(from, app);
  if (await isWar(folder)) return warApp(folder, project);
  const { port, health } = await checkApp(folder, isName(app) ? Object.keys(examples) : []);
  return {
    server: { port, healthPath: health.loadBalancer },
    build: async () => folder,
  };
}

/** It brings its own port, health path and Tomcat. */
export const isExample = (app: string | undefined): boolean => app === undefined || Object.hasOwn(EXAMPLES, app);

/** A word that could be meant as an example's name. */
const isName = (app: string): boolean => /^[A-Za-z0-9_-]+$/.test(app);
