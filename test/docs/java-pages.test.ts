/** The pages for teams with Tomcat or Spring: every command of Holdfast's on them is one, and no setting of the store's is left out. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../infra/synthesized.ts';
import { createParser } from './check/commands.ts';

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const TOMCAT = ['tomcat', 'tomcat-sessions', 'tomcat-attributes', 'tomcat-cluster', 'tomcat-servers'].map((page) => `docs/${page}.md`);
const PAGES = [...TOMCAT, 'docs/spring.md', 'docs/tomcat-to-redis.md'];
/** What a reader replaces. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/\$?\bREGION\b/g, 'eu-west-1'],
  [/\$?\bCONFIG\b/g, 'holdfast.config.json'],
  [/\$WARS\b/g, 'wars'],
  [/\bNUMBER\b/g, '4'],
  [/\bVERSION\b/g, '1.0.0'],
];
const filledIn = (command: string) => VALUES.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), command);

const commands = PAGES.flatMap((page) =>
  [...read(page).matchAll(/\.\/holdfast ([^`\n#]+)/g)].map(([, command = '']) => ({ page, command: command.trim() })),
);

/** @returns what commander says against it */
async function problemOf(words: readonly string[]): Promise<string | undefined> {
  const { program } = createParser();
  return program.parseAsync(words, { from: 'user' }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof CommanderError) return error.message;
      throw error;
    },
  );
}

describe('the pages for Tomcat and Spring', () => {
  it.each(commands)('$page: ./holdfast $command is a command', async ({ command }) => {
    expect(await problemOf(filledIn(command).split(/\s+/))).toBe(undefined);
  });

  it('are compared with the commands that there are', async () => {
    expect(commands.length).toBeGreaterThan(12);
    expect(await problemOf(['releases', 'publish', '1.4.2', 'target/app.war', '--conf', 'x'])).toContain('--conf');
  });

  it.each(['docs/tomcat-sessions.md', 'docs/spring.md'])('%s has every variable with which a server gets its store', (page) => {
    const names = new Set(
      `${read('server/user-data/settings.sh')}${read('server/documents/fetch_environment.py')}`.match(/\bSESSION_STORE_[A-Z_]*[A-Z]\b/g),
    );
    expect(names.size).toBeGreaterThan(3);
    expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(read(page)))).toEqual([]);
  });

  it.each([TOMCAT, ['docs/spring.md']])('%s… shows no code that is not in a file which runs here', (...pages) => {
    const listings = [
      ...pages
        .map(read)
        .join('\n')
        .matchAll(/(<!-- from \S+ -->\n\n)?^```(?:java|xml|yaml|properties|groovy)\n(.*)/gm),
    ];
    expect(listings.length).toBeGreaterThan(3);
    // redisson.yaml is written at the start: tomcat-app.test.ts compares it.
    const without = listings.filter(([, from, first]) => from === undefined && !first?.startsWith('codec: '));
    expect(without.map(([, , first]) => first)).toEqual([]);
  });
});
