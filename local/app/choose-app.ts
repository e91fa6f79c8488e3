/** Chooses the server that the local cloud rolls: an example, or one of the user's. */
import path from 'node:path';
import { checkApp } from './check-app.ts';
import { EXAMPLES, NODE_EXAMPLE } from './examples.ts';
import type { LocalApp, PrepareExample } from './local-app.ts';

/**
 * @param app `tomcat` or `spring`, or a folder; relative to `from`. @default the Node example
 * @throws InvalidRelease, SetupError with one sentence; nothing is started before
 */
export async function chooseApp(
  app: string | undefined,
  from: string,
  examples: Readonly<Record<string, PrepareExample>> = EXAMPLES,
): Promise<LocalApp> {
  if (app === undefined) return NODE_EXAMPLE();
  const example = Object.hasOwn(examples, app) ? examples[app] : undefined;
  if (example) return example();
  const folder = path.resolve(from, app);
  const { port, health } = await checkApp(folder, isName(app) ? Object.keys(examples) : []);
  return {
    example: false,
    server: { port, healthPath: health.loadBalancer },
    build: async () => folder,
  };
}

/** A word that could be meant as an example's name. */
const isName = (app: string): boolean => /^[A-Za-z0-9_-]+$/.test(app);
