/** A WAR that is published to keep its own manager of sessions, and has none. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { releaseWarnings } from '../../../../cli/releases/tomcat/check-war.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'managers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Fleet = Parameters<typeof releaseWarnings>[1];
const fleetWith = (sessionManager: string | undefined, strategy = 'redis') => ({ app: { sessionManager }, strategy }) as unknown as Fleet;
const warnings = async (fleet: Fleet) => (await releaseWarnings(folder, fleet)).filter((line) => line.includes('app.sessionManager is'));
const write = async (file: string, text: string) => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
};

it.each([
  ['has a manager', ''],
  ["has another than Tomcat's, which each release has", '<Manager pathname=""/>'],
  ['has one but in a comment', '<!-- <Manager className="x"/> -->'],
])('is warned of where neither context %s', async (_, manager) => {
  await write('conf/context.xml', `<Context>${manager}</Context>`);
  expect(await warnings(fleetWith('application'))).toEqual([
    expect.stringMatching(
      /^warning: app\.sessionManager is "application", and neither META-INF\/context\.xml of the WAR nor .*app\.conf\.$/,
    ),
  ]);
});

it.each(['webapps/ROOT/META-INF/context.xml', 'conf/context.xml', 'conf/Catalina/localhost/ROOT.xml'])(
  'is not where %s has one',
  async (file) => {
    await write(file, '<Context>\n<Manager className="org.redisson.tomcat.RedissonSessionManager"/></Context>');
    expect(await warnings(fleetWith('application'))).toEqual([]);
  },
);

it.each([
  ['Redisson', fleetWith(undefined)],
  ['the memory of its server', fleetWith('application', 'sticky')],
])('is not of sessions in %s', async (_, fleet) => {
  expect(await warnings(fleet)).toEqual([]);
});
