/** Servers of a WAR whose pages change lists in the session in place, at one store. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureMavenOutput } from '../../../setup/java.mjs';
import { type Process, startStore } from '../processes.ts';
import { type RunningTomcat, releaseOf, startTomcat, writeWar } from './tomcat-releases.ts';

/** They start sooner, and take less memory. */
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];
const PAGES = path.join(import.meta.dirname, '../session-cart');

/** The Tomcat of the example, and its Redisson. */
export async function exampleTomcat(): Promise<{ readonly home: string; readonly libraries: string }> {
  const output = await ensureMavenOutput('tomcat-app');
  return { home: path.join(output, 'tomcat'), libraries: path.join(output, 'libraries') };
}

export interface CartServers {
  readonly store: Process;
  /** @param app settings of its own */
  start(app?: object, environment?: Readonly<Record<string, string>>): Promise<RunningTomcat>;
  stop(): Promise<void>;
}

/**
 * @param tomcat the folder `home` or the file `archive` of a Tomcat, and Redisson's `libraries` for it
 * @param content more files of the WAR, by name
 */
export async function cartServers(tomcat: object, content: Readonly<Record<string, string | Uint8Array>> = {}): Promise<CartServers> {
  const folder = mkdtempSync(path.join(tmpdir(), 'session-cart-'));
  const store = await startStore();
  const running: RunningTomcat[] = [];
  const pages = Object.fromEntries(readdirSync(PAGES).map((name) => [name, readFileSync(path.join(PAGES, name))]));
  const war = await writeWar(path.join(folder, 'shop.war'), { 'index.html': 'shop', ...pages, ...content });
  const releases = new Map<string, Promise<string>>();
  let count = 0;
  return {
    store,
    async start(app = {}, environment = {}) {
      count += 1;
      const name = path.join(folder, `server-${count}`);
      // Servers with the same settings run one release.
      const all = { javaOptions: JAVA_OPTIONS, ...tomcat, sessionUpdates: 'afterRequest', ...app };
      const key = JSON.stringify(all);
      const release = releases.get(key) ?? releaseOf(war, `${name}-release`, { strategy: 'redis', app: all });
      releases.set(key, release);
      const settings = { SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_PORT: `${store.port}`, SESSION_STORE_KEY_PREFIX: 'sess:shop:' };
      const started = await startTomcat(await release, `${name}-data`, { ...settings, ...environment });
      running.push(started);
      return started;
    },
    async stop() {
      await Promise.all(running.map((one) => one.kill()));
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A browser with one session, which names the server of each request. */
export class Browser {
  cookie = '';

  async ask(server: RunningTomcat, query: Readonly<Record<string, string>>, page = 'cart.jsp'): Promise<string> {
    const answer = await fetch(`${server.url}/${page}?${new URLSearchParams(query)}`, { headers: { cookie: this.cookie } });
    const set = answer.headers.get('set-cookie')?.split(';')[0];
    if (set !== undefined) this.cookie = set;
    return `${answer.status === 200 ? '' : `${answer.status} `}${(await answer.text()).trim()}`;
  }
}
