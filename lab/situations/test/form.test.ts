import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAUSES } from '../../../functions/incidents/contract/causes.ts';
import { readImports } from '../../../test/architecture/read-imports.ts';
import { parseOptions } from '../options.ts';
import { OWN, readSituations } from '../read-situations.ts';
import { readSituation } from '../situation.ts';

const VALID = {
  ...{ name: 'waf-403', from: 'somebody', story: 'A rule blocks a third of all requests.', runbook: 'logged-out' },
  happens: [{ what: 'answers', at: -15, by: 'balancer', status: 403, share: 0.33 }],
  expect: { causes: [], hurt: true },
};

describe('the form', () => {
  it.each([
    ['a field that it does not know', { ...VALID, reason: 'x' }, /reason/],
    ['no expectation', { ...VALID, expect: undefined }, /expect/],
    ['a happening that it does not know', { ...VALID, happens: [{ what: 'earthquake', at: -1 }] }, /happens\[0\]/],
    ['a minute in the future', { ...VALID, happens: [{ what: 'storeRestart', at: 1, empty: true }] }, /happens\[0\]\.at/],
    ['an end before the begin', { ...VALID, happens: [{ ...VALID.happens[0], until: -20 }] }, /answers that ends before it begins/],
    ['a source that does not exist', { ...VALID, happens: [{ what: 'missing', source: 'trail' }] }, /happens\[0\]\.source/],
    ['a server that does not exist', { ...VALID, happens: [{ ...VALID.happens[0], servers: [4] }] }, /does not exist: there are 3/],
  ])('refuses %s, and says where', (_, value, message) => {
    expect(readSituation(value)).toMatch(message);
  });

  it('takes what the README shows', () => {
    expect(readSituation(VALID)).toEqual(VALID);
  });
});

describe("a folder of others' situations", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'situations-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);

  it('has files of JSON and of TypeScript, with one situation or several', async () => {
    write('a.json', JSON.stringify(VALID));
    write('b.ts', `export default [${JSON.stringify({ ...VALID, name: 'another' })}];`);
    expect((await readSituations(folder)).map(({ name }) => name)).toEqual(['waf-403', 'another']);
  });

  it.each([
    ['no JSON', '{', /^a\.json cannot be read: .+Nothing was run/],
    ['a wrong field', JSON.stringify([VALID, { ...VALID, name: 'b-b', runbook: 'x' }]), /^a\.json, situation 2 \(b-b\): .*runbook/s],
    ['a name twice', JSON.stringify([VALID, VALID]), /there is a situation waf-403 already/],
  ])('is refused for %s, with the file', async (_, text, message) => {
    write('a.json', text);
    await expect(readSituations(folder)).rejects.toThrow(message);
  });

  it('is refused without a file, or where it is none', async () => {
    await expect(readSituations(folder)).rejects.toThrow(/has no file that ends in \.json or \.ts\. Nothing was run/);
    await expect(readSituations(path.join(folder, 'x'))).rejects.toThrow(/is not a folder\. Nothing was run: give --from/);
  });
});

describe('our own', () => {
  it('expect causes that exist, and sixty or more are of public reports', async () => {
    const own = await readSituations(OWN);
    const causes: readonly string[] = Object.values(CAUSES).flat();
    expect(own.flatMap(({ expect: { causes: expected } }) => expected).filter((cause) => !causes.includes(cause))).toEqual([]);
    expect(own.filter(({ from }) => from.startsWith('https://')).length).toBeGreaterThanOrEqual(60);
    expect(own.length).toBeGreaterThanOrEqual(90);
    expect(own.filter(({ expect: { causes: expected } }) => expected.length > 0).length).toBeGreaterThanOrEqual(40);
  });
});

it('nothing here knows how a runbook judges', () => {
  const imports = readImports(['lab']).filter(({ from }) => from.startsWith('lab/situations/'));
  expect(imports.length).toBeGreaterThan(50);
  const knowing = imports.filter(({ to }) => to.startsWith('functions/incidents/classify/')).map(({ from }) => from);
  // It asks whether a finding holds without a part of its evidence.
  expect(knowing).toEqual(['lab/situations/test/missing-sources.test.ts']);
});

describe('the command line', () => {
  it('reads its options', () => {
    expect(parseOptions(['--only', 'a,b', '--shuffle', 'x1', '--from', 'f', '--json'])).toEqual({
      ...{ json: true, first: false, record: false, replay: false, accept: false, only: ['a', 'b'], seed: 'x1', from: 'f' },
    });
    expect(parseOptions(['--accept'])).toMatchObject({ accept: true, replay: true, record: false });
    expect(parseOptions(['--help'])).toBe('help');
  });

  it.each([
    [['--shuffle', 'a b'], /--shuffle "a b" is not a seed/],
    [['--verbose'], /--verbose/],
    [['--record', '--shuffle', 'a'], /evidence is stored of our own situations without a seed/],
    [['--replay', '--from', 'f'], /evidence is stored of our own situations without a seed/],
    [['--record', '--accept'], /give one/],
  ])('refuses %j', (words, message) => {
    expect(() => parseOptions(words)).toThrow(message);
  });
});
