/**
 * After the scenarios: searches everything that the run wrote for every session id, cookie, password, token and key that a
 * test can know. What it finds is reported by kind and place, never by value.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFinder } from '../leaks/find-secrets.ts';
import { until } from '../until.ts';
import { kept } from './fleet.ts';
import { commandLines } from './leaks/command-lines.ts';
import { type Content, type Contents, PLACES } from './leaks/content.ts';
import { gatherSecrets } from './leaks/gather-secrets.ts';
import { kindIn, planted, plantSecrets } from './leaks/plant.ts';
import { keptEvents } from './leaks/published-events.ts';
import { runFolder } from './leaks/run-folder.ts';
import { commandOutput, consoleAnswers } from './leaks/shown.ts';
import { writtenInAws } from './leaks/written-in-aws.ts';
import { hasRun } from './scenario-files.ts';
import { underTraffic } from './under-traffic.ts';

/** The secret of the sweep is kept in a record of its own, which only the sweep's role can read. */
const KEPT_ON_PURPOSE = /^secret of the sweep in DynamoDB: \S+ STORE-SECRET SWEEP$/;

const USERS = 20;
const kinds = new Map<string, number>();
const found = new Set<string>();
const plantedIn = new Set<string>();
let bytes = 0;

beforeAll(async () => {
  const { report } = await underTraffic({ users: USERS, downloadShare: 0.1 }, async () => {});
  expect(report.sessions).toBe(USERS);
  const secrets = await gatherSecrets();
  for (const { kind } of secrets) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const finder = createFinder([...secrets, ...planted]);
  const child = await plantSecrets();

  const search = ({ place, name, content }: Content) => {
    bytes += content.length;
    // A name with a secret in it is not printed either.
    const inName = finder.find(name);
    for (const kind of [...inName, ...finder.find(content)]) {
      if (kind === kindIn(place)) plantedIn.add(place);
      else if (!kind.startsWith('planted in ')) found.add(`${kind} in ${place}: ${inName.length > 0 ? '(its name)' : name}`);
    }
  };
  const searchAll = async (contents: Contents) => {
    for await (const content of contents) search(content);
  };
  try {
    await Promise.all([searchAll(writtenInAws()), searchAll(consoleAnswers()), searchAll(commandOutput()), searchAll(keptEvents(kept))]);
    await searchAll(runFolder());
    await until(async () => {
      await searchAll(commandLines());
      return process.platform !== 'linux' || plantedIn.has('command lines');
    }, 'the planted command line');
  } finally {
    child.kill('SIGKILL');
  }
});

afterAll(() => {
  process.stdout.write(
    `searched ${(bytes / 1e6).toFixed(0)} MB for ${[...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ')}\n`,
  );
});

describe('a secret of the run', () => {
  it.each([
    'session id',
    'token of the owner',
    'secret access key of root',
    'password of a local node',
    ...(process.platform === 'linux' ? ['environment variable AWS_SESSION_TOKEN', 'environment variable HOLDFAST_MACHINE_CONTROL'] : []),
  ])('of the kind "%s" is known to this test', (kind) => expect(kinds.get(kind)).toBeGreaterThan(0));

  it("is known of the canary's run, where one went before", () => {
    if (!hasRun(kept.runFolder, 'canary.full.test.ts')) return;
    for (const kind of ['password of the canary', "cookie of the canary's session"]) expect([...kinds.keys()]).toContain(kind);
  });

  it('is known for each user of the traffic', () => expect(kinds.get('session id')).toBeGreaterThanOrEqual(USERS));

  it.each(PLACES.filter((place) => process.platform === 'linux' || place !== 'command lines'))(
    'is found when it is planted in: %s',
    (place) => {
      expect([...plantedIn]).toContain(place);
    },
  );

  it('is in nothing that the run wrote or shows', () => {
    expect([...found].filter((line) => !KEPT_ON_PURPOSE.test(line)).toSorted()).toEqual([]);
  });
});
