import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderGate } from '../../../cli/gate/gate.ts';
import { freePort } from '../../../lab/processes/free-port.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

const state = makeStateFolder();
afterAll(() => state.remove());
const user = (name: string) => ({ name, password: { environment: 'GATE_PASSWORD' } });
const recipe = {
  users: { a: user('gate-anna'), b: user('gate-ben') },
  login: [{ post: '/login', json: { user: '{name}' } }],
  who: { get: '/account' },
  release: { get: '/version', take: { json: 'version' } },
};
const PASSWORD = { GATE_PASSWORD: 'correct-horse-battery-1' };
const fileOf = (name: string, content: object) => {
  const file = path.join(state.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
let urls: readonly string[];
let file: string;
beforeAll(async () => {
  file = fileOf('recipe', recipe);
  urls = ['--old', `https://localhost:${await freePort()}/`, '--new', `https://localhost:${await freePort()}/`];
});
const gate = (words: readonly string[], env: Record<string, string> = PASSWORD) => runCli(state.folder, ['gate', ...words], env);

it('of sites that do not answer is not checked, with 4, and never a pass', async () => {
  const { code, stdout } = await gate([...urls, '--recipe', file, '--json']);
  expect(code).toBe(4);
  expect(onlyLine(stdout)).toMatchObject({ verdict: 'not checked', reason: expect.stringContaining('ECONNREFUSED'), findings: [] });
  expect(stdout).not.toContain(PASSWORD.GATE_PASSWORD);
});

it.each<[string, () => readonly string[], RegExp]>([
  ['no recipe', () => [...urls, '--recipe', `${file}.gone`], /^InvalidRecipe: .*cannot be read \(ENOENT\).*--recipe/],
  [
    'a recipe that does not say what shows the release',
    () => [...urls, '--recipe', fileOf('none', { ...recipe, release: undefined })],
    /^InvalidRecipe: .*has no release.*Nothing was sent/,
  ],
  [
    'a recipe with one user',
    () => [...urls, '--recipe', fileOf('one', { ...recipe, users: { a: recipe.users.a } })],
    /^InvalidRecipe: .*has no users\.b/,
  ],
  ['a header that is none', () => [...urls, '--recipe', file, '--new-header', 'secret-word'], /^InvalidOption: .*Nothing was sent/],
  ['an address without a host', () => [...urls, '--recipe', file, '--resolve', '10.0.3.7'], /^InvalidOption: .*HOST:ADDRESS/],
  [
    'an address with a password',
    () => ['--old', 'https://a:secret-word@shop.example/', '--new', 'https://shop.example/', '--recipe', file],
    /^InvalidUrl/,
  ],
])('with %s is refused with 2', async (_, words, message) => {
  const { code, stderr } = await gate(words());
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(stderr).not.toContain('secret-word');
});

it('says what a finding means for a roll and for a rollback', () => {
  const finding = { check: 'forward', what: 'nobody is shown', roll: 'all are logged out', rollback: 'nothing more' } as const;
  expect(renderGate({ verdict: 'incompatible', findings: [finding], notes: ['no cart'], sent: { requests: 20, logins: 4 } })).toBe(
    [
      'incompatible',
      '✗ forward: nobody is shown',
      '    during a roll: all are logged out',
      '    after a rollback: nothing more',
      '· no cart',
      '20 requests, 4 logins',
    ].join('\n'),
  );
});
