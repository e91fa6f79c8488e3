import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../lab/processes/free-port.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

const state = makeStateFolder();
afterAll(() => state.remove());
const file = path.join(state.folder, 'recipe.json');
const user = (name: string) => ({ name, password: { environment: 'CANARY_PASSWORD' } });
const recipe = {
  users: { a: user('canary-anna'), b: user('canary-ben') },
  login: [{ post: '/login', json: { user: '{name}' } }],
  who: { get: '/count' },
};
const PASSWORD = { CANARY_PASSWORD: 'correct-horse-battery-1' };
let url: string;
beforeAll(async () => {
  writeFileSync(file, JSON.stringify(recipe));
  url = `https://localhost:${await freePort()}/`;
});

const canary = (words: readonly string[], env: Record<string, string> = PASSWORD) => runCli(state.folder, ['canary', ...words], env);

describe('canary', () => {
  it('prints what it would do, and sends nothing', async () => {
    const { code, stdout } = await canary([url, '--login', file, '--dry-run', '--json'], {});
    expect(code).toBe(0);
    expect(onlyLine(stdout)).toMatchObject({
      url,
      logins: 12,
      mostRequests: 300,
      checks: expect.arrayContaining([
        { check: 'new-id-at-login' },
        { check: 'session-limit', whyNot: 'the policy has no sessionsPerUser' },
      ]),
    });
    const text = await canary([url, '--login', file, '--dry-run'], {});
    expect(text.stdout).toContain('! The environment variable CANARY_PASSWORD is not set');
    expect(text.stdout).toContain('Nothing was sent.');
    expect((await canary([url, '--login', file, '--dry-run'])).stdout).not.toContain('is not set');
  });

  it('of a site that does not answer is no pass', async () => {
    const { code, stdout } = await canary([url, '--login', file, '--json']);
    expect(code).toBe(1);
    expect(onlyLine(stdout)).toMatchObject({
      error: {
        code: 'RecipeFailed',
        message: expect.stringMatching(/^The site does not answer: .*ECONNREFUSED.* Nothing is known about its sessions\.$/),
      },
    });
    expect(stdout).not.toContain(PASSWORD.CANARY_PASSWORD);
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ['an address with a password', () => ['https://ann:secret-word@shop.example.com/', '--login', file], /^InvalidUrl: .*Nothing was sent/],
    ['no recipe', () => [url, '--login', `${file}.gone`], /^InvalidRecipe: .*cannot be read \(ENOENT\)/],
    ['an unknown check', () => [url, '--login', file, '--with', 'race,rain'], /^InvalidOption: --with "race,rain" has "rain"/],
    ['an unknown severity', () => [url, '--login', file, '--fail-on', 'notice'], /^InvalidOption: --fail-on "notice"/],
  ])('with %s is refused with 2', async (_, words, message) => {
    const { code, stderr } = await canary(words());
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(stderr).not.toContain('secret-word');
  });

  it('without its password is refused with 2', async () => {
    const { code, stderr } = await canary([url, '--login', file], {});
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^NoPassword: The environment variable CANARY_PASSWORD is not set\. Nothing was sent/),
    ]);
  });
});
