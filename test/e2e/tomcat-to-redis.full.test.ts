/** docs/tomcat-to-redis.md, step by step in a local cloud of its own: what is printed, and who is logged out. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { whyNoJava } from '../../setup/java.mjs';
import { type PageStep, readPage, withoutFigures } from './tomcat-to-redis/read-page.ts';
import { type Noticed, USERS } from './tomcat-to-redis/users.ts';
import type { Walked } from './tomcat-to-redis/walk.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
/** Five deploys of Tomcat on three servers; on two busy cores each takes two minutes, and those that wait for sessions six. */
const LIMIT_MS = 40 * 60_000;
/** Servers in the page's configurations. */
const SERVERS = 3;
const noJava = whyNoJava();
const steps = readPage(readFileSync(path.join(REPOSITORY, 'docs/tomcat-to-redis.md'), 'utf8'));

describe.skipIf(noJava !== undefined)(`docs/tomcat-to-redis.md${noJava ? ` (${noJava})` : ''}`, () => {
  let walked: readonly Walked[];
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'tomcat-to-redis/walk.ts')], {
      cwd: REPOSITORY,
      timeout: LIMIT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    walked = JSON.parse(stdout) as Walked[];
  }, LIMIT_MS + 30_000);

  const result = ({ name }: PageStep): Walked => walked.find((one) => one.name === name) as Walked;
  const noticedIn = (name: string): Noticed => walked.find((one) => one.name === name)?.noticed as Noticed;

  it.each(steps)('$name: each command succeeds and prints what the page shows', (step) => {
    expect(result(step)?.problem, result(step)?.printed).toBe(undefined);
    const printed = new Set(result(step).printed.split('\n').map(withoutFigures));
    expect(step.shown.filter((line) => !printed.has(withoutFigures(line)))).toEqual([]);
  });

  it('no step fails a request', () => {
    expect(walked.flatMap(({ name, noticed }) => (noticed?.failed ?? []).map((failed) => `${name}: ${failed}`))).toEqual([]);
    expect(walked.filter(({ noticed }) => noticed).length).toBe(steps.length - 2);
  });

  it.each(steps.filter(({ name, users }) => users.startsWith('nothing') && name !== 'See what fits'))(
    '$name: nobody is logged out',
    ({ name }) => {
      expect(noticedIn(name).requests).toBeGreaterThan(0);
      expect(noticedIn(name).lost).toEqual([]);
    },
  );

  it.each(['See what a deploy costs today', 'Switch, with stickiness on'])(
    '%s: everybody who leaves in time keeps the session until then',
    (name) => {
      const { lost, leftInTime } = noticedIn(name);
      expect(lost).toEqual([]);
      expect(leftInTime).toBeGreaterThan(USERS);
    },
  );

  it('the way back ends sessions that are in the store: each when it meets a server that is back in memory', () => {
    const { lost } = noticedIn('The way back, if you need it');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.filter(({ begunBy }) => begunBy !== '1.2.0' && begunBy !== '1.3.0')).toEqual([]);
  });

  it('stickiness is turned off by step 6 alone, with every server answering', () => {
    expect(noticedIn('Turn stickiness off').servers).toHaveLength(SERVERS);
  });
});
