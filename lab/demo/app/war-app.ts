/** A WAR of the user's, in the Tomcat that the fleet's configuration names. */
import path from 'node:path';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { buildTomcatRelease } from '../../../cli/releases/tomcat/publish-war.ts';
import { tomcatApp as appSchema } from '../../../infra/config/app-kind.ts';
import { ensureJava } from '../../../setup/java.mjs';
import type { FleetInput } from '../local-settings.ts';
import { healthKeys, type LocalApp } from './local-app.ts';

/** The port that the configuration of a fleet on AWS has by default too. */
const DEFAULT_PORT = 8080;

/** @throws InvalidRelease, SetupError with one sentence */
export function warApp(war: string, { app: configured, port = DEFAULT_PORT, strategy = 'redis', stickiness }: FleetInput): LocalApp {
  if (configured?.kind !== 'tomcat') {
    throw new InvalidRelease(
      `--app ${war} cannot be deployed: it is a WAR, and the fleet's configuration has no "app" with the Tomcat that it runs in (docs/tomcat.md); nothing was started`,
    );
  }
  const app = appSchema.parse(configured);
  return {
    javaHome: app.javaHome ?? ensureJava().home,
    server: { port, ...healthKeys(app.health) },
    build: ({ folder }) => buildTomcatRelease({ war, fleet: { app, port, strategy, stickiness }, folder: path.join(folder, 'release') }),
  };
}
