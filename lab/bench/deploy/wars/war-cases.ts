/** WARs that others wrote, as they published them, each with the Tomcat that it is for and the strategy that docs/tomcat.md recommends for it. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureJava, ensureMavenOutput } from '../../../../setup/java.mjs';
import type { LocalApp } from '../../../demo/app/local-app.ts';
import { warApp } from '../../../demo/app/war-app.ts';
import type { FleetInput } from '../../../demo/local-settings.ts';
import { type Habits, numberGuess, shiroLogin, wicketClicks, wicketClicksAlone } from './habits.ts';
import type { Advice } from './judge-wars.ts';
import type { WarName } from './war-names.ts';

const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
const run = promisify(execFile);

/** How the sessions are kept, in the words of the configuration. */
const PLAIN = { strategy: 'redis' } as const;
const STICKY = { strategy: 'redis', stickiness: true } as const;

export interface WarToRoll {
  /** As on Maven Central. */
  readonly artifact: string;
  readonly fleet: Pick<FleetInput, 'strategy' | 'stickiness'>;
  readonly habits: Habits;
  /** With what docs advise against, losses are expected. @default recommended */
  readonly advice?: Advice;
  /** @param folder for what is made of it */
  prepare(folder: string): Promise<LocalApp>;
}

/** A WAR in the Tomcat that these projects fetch; nothing but that Tomcat is configured. */
const inTomcat = (war: string, app: object, fleet: WarToRoll['fleet']): LocalApp => {
  const whole = { kind: 'tomcat', javaOptions: JAVA_OPTIONS, ...app } as NonNullable<FleetInput['app']>;
  const made = warApp(war, { app: whole, ...fleet });
  return { ...made, server: { ...made.server, app: whole, ...fleet } };
};

const javax = async (war: string, fleet: WarToRoll['fleet']): Promise<LocalApp> => {
  const output = await ensureMavenOutput('foreign-wars', { parent: 'test/e2e' });
  const app = { archive: path.join(output, 'tomcat.tar.gz'), libraries: path.join(output, 'libraries') };
  return inTomcat(path.isAbsolute(war) ? war : path.join(output, war), app, fleet);
};

/** The examples in Tomcat's own distribution, packed as a WAR. */
async function examplesOf(archive: string, folder: string): Promise<string> {
  const content = path.join(folder, 'content');
  const war = path.join(folder, 'examples.war');
  await mkdir(content, { recursive: true });
  const words = ['--strip-components=3', '--wildcards', '*/webapps/examples/*'];
  await run('tar', ['-xzf', archive, '-C', content, ...words], { timeout: 60_000 });
  const jar = path.join(ensureJava().home, 'bin', 'jar');
  await run(jar, ['--create', '--no-manifest', '--file', war, '-C', content, '.'], { timeout: 60_000 });
  return war;
}

const WICKET: Pick<WarToRoll, 'habits' | 'fleet'> = { habits: wicketClicks, fleet: STICKY };

export const WARS: Readonly<Record<WarName, WarToRoll>> = {
  'wicket-9': { artifact: 'org.apache.wicket:wicket-examples:9.0.0', ...WICKET, prepare: () => javax('wicket.war', STICKY) },
  'wicket-8': { artifact: 'org.apache.wicket:wicket-examples:8.11.0', ...WICKET, prepare: () => javax('wicket-8.war', STICKY) },
  'wicket-6': {
    artifact: 'org.apache.wicket:wicket-examples:6.0.0',
    ...WICKET,
    habits: wicketClicksAlone,
    prepare: () => javax('wicket-6.war', STICKY),
  },
  shiro: {
    artifact: 'org.apache.shiro.samples:samples-web:1.3.2',
    fleet: PLAIN,
    habits: shiroLogin,
    prepare: () => javax('shiro.war', PLAIN),
  },
  'examples-10.1': {
    artifact: 'org.apache.tomcat:tomcat:10.1.59 (examples)',
    fleet: STICKY,
    habits: numberGuess,
    async prepare(folder) {
      const output = await ensureMavenOutput('tomcat-app');
      const war = await examplesOf(path.join(output, 'tomcat.tar.gz'), folder);
      return inTomcat(war, { home: path.join(output, 'tomcat'), libraries: path.join(output, 'libraries') }, STICKY);
    },
  },
  'examples-9': {
    artifact: 'org.apache.tomcat:tomcat:9.0.117 (examples)',
    fleet: STICKY,
    habits: numberGuess,
    async prepare(folder) {
      const output = await ensureMavenOutput('foreign-wars', { parent: 'test/e2e' });
      return javax(await examplesOf(path.join(output, 'tomcat.tar.gz'), folder), STICKY);
    },
  },
  'wicket-9-advised-against': {
    artifact: 'org.apache.wicket:wicket-examples:9.0.0',
    fleet: PLAIN,
    habits: wicketClicks,
    advice: 'warned',
    prepare: () => javax('wicket.war', PLAIN),
  },
  'wicket-9-refused': {
    artifact: 'org.apache.wicket:wicket-examples:9.0.0',
    fleet: PLAIN,
    habits: wicketClicks,
    advice: 'refused',
    prepare: () => javax('wicket.war', PLAIN),
  },
};
