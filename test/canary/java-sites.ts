/** The Java examples as sites: two servers each with the store of the templates, behind a front with HTTPS. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { type JavaApps, prepareJavaApps } from '../examples/java/java-apps.ts';
import { PASSWORD, startTemplateStore } from '../infra/template-store.ts';
import { DEFAULT_ENGINE } from '../store-engines.ts';
import { COOKIES, type Example, type Sites } from './examine.ts';
import { type Front, startFront } from './front.ts';
import { USERS } from './recipes.ts';

const TOMCAT = { user: 'app-shop', password: PASSWORD, keyPrefix: 'sess:shop:' };
const SPRING = { user: 'app-bank', password: PASSWORD, keyPrefix: 'sess:bank:' };
/** The load balancer's own setting. */
const HSTS = { 'strict-transport-security': 'max-age=31536000' };

export interface JavaSites extends Sites {
  stop(): Promise<void>;
}

/** @param idleSeconds of Spring's sessions @default its own */
export async function startJavaSites({ idleSeconds }: { idleSeconds?: number } = {}): Promise<JavaSites> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-java-'));
  const { caPem, issue } = await createCertificateAuthority(folder);
  const leaf = await issue(['localhost']);
  const store = await startTemplateStore(
    DEFAULT_ENGINE,
    {},
    { shop: { channels: ['redisson-tomcat'] }, bank: { channels: ['spring-session-indexed'] } },
  );
  const apps = await prepareJavaApps(store);
  const servers = new Map<Example, Promise<readonly number[]>>();
  const fronts: Front[] = [];
  const words = idleSeconds === undefined ? [] : [`--spring.session.timeout=${idleSeconds}s`];
  const start = async (example: Example): Promise<readonly number[]> => {
    const both = [1, 2].map((number) =>
      example === 'tomcat-app' ? apps.startTomcat(TOMCAT, `c${number}`, hardenCookie) : apps.startSpring(SPRING, ...words),
    );
    return (await Promise.all(both)).map(({ url }) => Number(new URL(url).port));
  };
  return {
    ca: caPem,
    async front(example, more = {}) {
      const starting = servers.get(example) ?? start(example);
      servers.set(example, starting);
      const front = await startFront({
        ...leaf,
        targets: await starting,
        cookie: COOKIES[example],
        passwords: USERS,
        addedHeaders: HSTS,
        ...more,
      });
      fronts.push(front);
      return front;
    },
    stop: () => stopAll(fronts, apps, store, folder),
  };
}

async function stopAll(fronts: readonly Front[], apps: JavaApps, store: { stop(): Promise<void> }, folder: string): Promise<void> {
  await Promise.all(fronts.map((front) => front.stop()));
  await apps.stop();
  await store.stop();
  await rm(folder, { recursive: true, force: true });
}

/** SameSite, which is a setting of the server, not of a WAR: the release has the default, `lax`. */
async function hardenCookie(release: string): Promise<void> {
  const file = join(release, 'conf/context.xml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/sameSiteCookies="\w+"/, 'sameSiteCookies="strict"'));
}
