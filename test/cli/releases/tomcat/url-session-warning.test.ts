/** Session ids in links, found at publishing. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseWarnings } from '../../../../cli/releases/tomcat/check-war.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'urls-'));
  await mkdir(path.join(folder, 'webapps/ROOT/WEB-INF'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fleet = { app: { sessionManager: 'memory' }, strategy: 'sticky' } as unknown as Parameters<typeof releaseWarnings>[1];
const found = async () => (await releaseWarnings(folder, fleet)).at(0);

const warningFor = async (config: string) => {
  await writeFile(path.join(folder, 'webapps/ROOT/WEB-INF/web.xml'), `<web-app><session-config>${config}</session-config></web-app>`);
  return found();
};

describe('session ids in links', () => {
  it.each([
    ['nothing is said', ''],
    ['the URL is named as well', '<tracking-mode>COOKIE</tracking-mode><tracking-mode>URL</tracking-mode>'],
    ['what leaves the cookie alone is a comment', '<!-- <tracking-mode>COOKIE</tracking-mode> -->'],
  ])('cause a warning where %s', async (_what, config) => {
    expect(await warningFor(config)).toMatch(
      /^warning: WEB-INF\/web\.xml allows session ids in links .*with any strategy: set <session-config>/,
    );
  });

  it.each([
    ['the cookie alone is named', '<tracking-mode>COOKIE</tracking-mode>'],
    ['it is written otherwise', '<j:tracking-mode >\n COOKIE </j:tracking-mode>'],
  ])('cause none where %s', async (_what, config) => {
    expect(await warningFor(config)).toBeUndefined();
  });

  it('cause one in a WAR without web.xml', async () => {
    await rm(path.join(folder, 'webapps/ROOT/WEB-INF/web.xml'));
    expect(await found()).toContain('<tracking-mode>COOKIE</tracking-mode>');
  });
});
