/** A program's arguments are visible to every user of its machine: no password may be one, in the documentation either. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Commands, with their lines joined. `file:…` and standard input are no arguments. */
const IN_COMMANDS: readonly RegExp[] = [
  /\b(redis|valkey)-cli\b.*\s(-a|--pass)\b/,
  /\bcurl\b.*\s(-u|--user|--proxy-user)\s/,
  /\b(mysql|mariadb)\w*\b.*\s(-p\S|--password=)/,
  /\bsshpass\s+-p/,
  /--(requirepass|masterauth|auth-token|auth-pass|password|secret-string|secret-binary|user-password)[ =](?!file:)\S/,
  /\bPasswords=/,
  /\b(rediss?|https?|postgres(ql)?|mysql|amqps?):\/\/[^\s:@/"'`]*:[^\s@/"'`]+@/,
];
/** Arguments of child processes. */
const IN_CODE: readonly RegExp[] = [
  /['"`]--(requirepass|masterauth|pass|auth-pass|auth-token|password|user-password)\b/,
  /-cli['"`],\s*\[.*['"`]-a['"`]/,
];

const filesOf = (patterns: readonly string[]): string[] =>
  globSync([...patterns], { cwd: REPOSITORY, exclude: ['**/node_modules/**', '.holdfast/**', '**/cdk.out/**'] });

function offences(text: string, patterns: readonly RegExp[]): string[] {
  const lines = text.replace(/\\\n\s*/g, ' ').split('\n');
  return lines.filter((line) => patterns.some((pattern) => pattern.test(line)));
}

describe('no password is an argument of a program', () => {
  it.each([
    ['documentation, scripts and settings', ['**/*.md', '**/*.sh', '**/*.yml', '**/*.yaml', '**/package.json'], IN_COMMANDS],
    ['programs that start others', ['{bin,cli,console,lab,setup,ops,examples,infra,server,functions}/**/*.{ts,mjs,py,sh}'], IN_CODE],
  ])('in %s', (_, patterns, forbidden) => {
    const files = filesOf(patterns);
    expect(files.length).toBeGreaterThan(5);
    const found = files.flatMap((file) =>
      offences(readFileSync(path.join(REPOSITORY, file), 'utf8'), forbidden).map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['redis-cli -h store -a secret ping'],
    ['valkey-cli --pass "$password" ping'],
    ['curl -s -u admin:secret http://localhost:3000'],
    ['mysql -uroot -psecret'],
    ['aws secretsmanager put-secret-value --secret-id x \\\n  --secret-string "$new"'],
    ['aws elasticache modify-user --authentication-mode "Type=password,Passwords=$new"'],
    ['redis-cli -u redis://user:secret@store:6379'],
  ])('finds it in: %s', (command) => {
    expect(offences(command, IN_COMMANDS)).toHaveLength(1);
  });

  it.each([
    ['REDISCLI_AUTH="$password" redis-cli ping'],
    ['aws secretsmanager put-secret-value --secret-id x --secret-string file:///dev/stdin <<END'],
    ['curl -s -o /dev/null http://localhost:8080/live'],
  ])('does not find any in: %s', (command) => {
    expect(offences(command, IN_COMMANDS)).toEqual([]);
  });
});
