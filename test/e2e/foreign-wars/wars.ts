/** WARs that others wrote, as they published them, each with the Tomcat that it is for and what its users do. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LocalApp } from '../../../lab/demo/app/local-app.ts';
import { warApp } from '../../../lab/demo/app/war-app.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { kept } from '../fleet.ts';
import type { Habits } from './visitors.ts';

const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
const run = promisify(execFile);

interface ForeignWar {
  /** Nothing but the Tomcat that it runs in: no health page, and no change of the WAR. */
  prepare(): Promise<LocalApp>;
  readonly habits: Habits;
}

const appOf = (war: string, tomcat: { readonly home: string } | { readonly archive: string }, libraries: string): LocalApp => {
  const app = { kind: 'tomcat', ...tomcat, libraries, javaOptions: JAVA_OPTIONS } as const;
  const made = warApp(war, { app });
  return { ...made, server: { ...made.server, app } };
};

/** The examples in Tomcat's own distribution: their servlet on sessions keeps what its form gets. */
const tomcatExamples: ForeignWar = {
  async prepare() {
    const output = await ensureMavenOutput('tomcat-app');
    const folder = path.join(kept.runFolder, 'tomcat-examples');
    await mkdir(folder, { recursive: true });
    const content = ['--strip-components=3', '--wildcards', '*/webapps/examples/*'];
    await mkdir(path.join(folder, 'content'), { recursive: true });
    await run('tar', ['-xzf', path.join(output, 'tomcat.tar.gz'), '-C', path.join(folder, 'content'), ...content], { timeout: 60_000 });
    const war = path.join(folder, 'examples.war');
    const jar = path.join(ensureJava().home, 'bin', 'jar');
    await run(jar, ['--create', '--no-manifest', '--file', war, '-C', path.join(folder, 'content'), '.'], { timeout: 60_000 });
    return appOf(war, { home: path.join(output, 'tomcat') }, path.join(output, 'libraries'));
  },
  habits: {
    begin: async (browse, user) => {
      await browse('/servlets/servlet/SessionExample', { dataname: 'basket', datavalue: `user-${user}-visit-0` });
    },
    async visit(browse, user, round) {
      const before = await browse('/servlets/servlet/SessionExample');
      await browse('/servlets/servlet/SessionExample', { dataname: 'basket', datavalue: `user-${user}-visit-${round + 1}` });
      return new RegExp(`basket = user-${user}-visit-${round}\\b`).test(before.body);
    },
  },
};

/** Apache Shiro's web sample of 2016, for javax.servlet, in Tomcat 9: a form logs in, and without a log-in the account's page is a redirect. */
const shiroSample: ForeignWar = {
  async prepare() {
    const output = await ensureMavenOutput('foreign-wars', { parent: 'test/e2e' });
    return appOf(path.join(output, 'shiro.war'), { archive: path.join(output, 'tomcat.tar.gz') }, path.join(output, 'libraries'));
  },
  habits: {
    begin: async (browse) => {
      await browse('/login.jsp');
      await browse('/login.jsp', { username: 'lonestarr', password: 'vespa', submit: 'Login' });
    },
    async visit(browse) {
      const account = await browse('/account/index.jsp');
      return account.status === 200 && account.body.includes('You are currently logged in.');
    },
  },
};

export const FOREIGN_WARS: Readonly<Record<'examples' | 'shiro', ForeignWar>> = { examples: tomcatExamples, shiro: shiroSample };
