import { expect, it } from 'vitest';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';
import { parse } from './parse-config.ts';
import { SynthesizedApp } from './synthesized.ts';

const withRule = (listenerRule: object) => ({
  ...BEHIND_A_LISTENER,
  existing: { ...BEHIND_A_LISTENER.existing, listenerRule: { priority: 10, ...listenerRule } },
});
const warningsOf = (web: object) => foundBy(parse({ ...adopted(), fleets: { web } }), 'listener-condition-has-many-values');
const hosts = (count: number) => Array.from({ length: count }, (_, at) => `h${at}.example.com`);

it.each([
  ['three hosts and two paths', { hosts: hosts(3), paths: ['/a', '/b'] }, []],
  ['four hosts', { hosts: hosts(4) }, ['hosts has 4 values']],
  ['five paths', { paths: ['/a', '/b', '/c', '/d', '/e'] }, ['paths has 5 values']],
])('a condition with more values than AWS documents is found: %s', (_, rule, expected) => {
  expect(warningsOf(withRule(rule)).map(({ sentence }) => sentence)).toEqual(expected.map((text) => expect.stringContaining(text)));
});

it('is said at synthesis, and not of a listener to which Holdfast adds no rule', async () => {
  expect(warningsOf(EXISTING_GROUP)).toEqual([]);
  const app = await SynthesizedApp.create(adopted(withRule({ hosts: hosts(4) }) as typeof BEHIND_A_LISTENER));
  expect(app.warnings['holdfast-web-web-tier']).toContainEqual(
    expect.stringContaining('fleets.web.existing.listenerRule.hosts has 4 values, and AWS documents 3 for a condition'),
  );
  await app.remove();
});
