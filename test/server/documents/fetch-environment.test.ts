/** What is written before each start of the application, and what the application then finds, with a program in the place of the AWS CLI. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findPython } from '#local-aws/instances/machine-folder.ts';
import { scriptOf } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

const STORE = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:store';
const LIST = '/holdfast/holdfast/web/environment';
const SCRIPT = scriptOf('fetch_environment').replace('CALL_PAUSE_SECONDS = 6', 'CALL_PAUSE_SECONDS = 0.1');
let root: string;
let python: string;
const target = () => path.join(root, 'run/store.env');
const lines = () => readFileSync(target(), 'utf8');
const boot = () => {
  for (const name of readdirSync(path.join(root, 'run'))) rmSync(path.join(root, 'run', name));
};
const json = (name: string) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
beforeAll(async () => {
  // A version manager's python3 would put a program aws of its own before ours.
  python = await findPython(process.env['PATH'] ?? '');
});
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'holdfast-environment-'));
  for (const folder of ['run', 'bin', 'etc', 'releases/1']) mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'bin/aws'), AWS, { mode: 0o755 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Answers by the name that it is asked for, with the version behind a colon where one is. A text is AWS's code. */
const AWS = `#!/bin/sh
while [ $# -gt 1 ]; do
  case "$1" in
    --secret-id | --name) name="$2" ;;
    --version-id) version=":$2" ;;
  esac
  shift
done
answer="$HOLDFAST_ROOT/answers/$name$version"
[ -f "$answer/json" ] && exec cat "$answer/json"
read -r code <"$answer/code" || code=ResourceNotFoundException
printf '\nAn error occurred (%s) when calling the GetSecretValue operation: no\n' "$code" >&2
exit 254
`;
type Answers = Readonly<Record<string, object | string>>;
const secret = (value: unknown, VersionId = 'v1') => ({
  VersionId,
  SecretString: typeof value === 'string' ? value : JSON.stringify(value),
});
const parameter = (Value: string, Version = 1, Type = 'String') => ({ Parameter: { Value, Version, Type } });
const listOf = (list: object, version = 1) => ({ [LIST]: parameter(JSON.stringify(list), version) });

async function fetchEnvironment(answers: Answers, setting: Record<string, string> = { ENVIRONMENT_PARAMETER: LIST }, script = SCRIPT) {
  rmSync(path.join(root, 'answers'), { recursive: true, force: true });
  for (const [name, answer] of Object.entries(answers)) {
    const folder = path.join(root, 'answers', name);
    mkdirSync(folder, { recursive: true });
    if (typeof answer === 'string') writeFileSync(path.join(folder, 'code'), `${answer}\n`);
    else writeFileSync(path.join(folder, 'json'), JSON.stringify(answer));
  }
  const environment = { PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`, HOLDFAST_ROOT: root, ...setting };
  const { code, stderr } = await runPython({ script, environment, limitSeconds: 120 });
  return { status: code, stderr };
}
const fetchPassword = (value: unknown) => fetchEnvironment({ [STORE]: secret(value) }, { STORE_SECRET_ARN: STORE });

/** The environment of the application, which run-app starts with the lines of the file. */
function seenByApplication(): Record<string, string> {
  const file = Object.fromEntries([...lines().matchAll(/^(\w+)="(.*)"$/gm)].map(([, name, value]) => [name, value]));
  const script = 'import json, os; print(json.dumps(dict(os.environ)))';
  writeFileSync(path.join(root, 'releases/1/holdfast.app.json'), JSON.stringify({ start: [python, '-X', 'utf8', '-c', script] }));
  if (!existsSync(path.join(root, 'current'))) symlinkSync('releases/1', path.join(root, 'current'));
  const run = path.resolve(import.meta.dirname, '../../../server/documents/run_app.py');
  // As systemd starts a service: without a locale.
  const done = spawnSync(python, ['-I', run], {
    env: { PATH: process.env['PATH'], HOLDFAST_ROOT: root, ...file },
    encoding: 'utf8',
    timeout: 120_000,
  });
  return JSON.parse(done.stdout);
}

describe("the session store's password", () => {
  it('is written for the service alone, quoted for it', async () => {
    expect(await fetchPassword({ password: 'a"b$c' })).toEqual({ status: 0, stderr: '' });
    expect(lines()).toBe('SESSION_STORE_PASSWORD="a\\"b\\$c"\n');
    expect(statSync(target()).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['no JSON', 'gone', 'it is not a JSON object, which a key needs'],
    ['no password', { username: 'web' }, 'it has no key "password"'],
    ['a list', { password: [] }, 'its key "password" is no text'],
    ['a control character', { password: 'a\nb' }, 'SESSION_STORE_PASSWORD cannot be used: its secret has a control character'],
  ])('of a secret without a usable one (%s) is the last one, with which the application starts', async (_, value, why) => {
    writeFileSync(path.join(root, 'run/last.env'), 'SESSION_STORE_PASSWORD="last"\n');
    expect(await fetchPassword(value)).toEqual({
      status: 0,
      stderr: expect.stringMatching(new RegExp(`${why}; the last start's is used\n$`)),
    });
    expect(lines()).toBe('SESSION_STORE_PASSWORD="last"\n');
  });

  it('is not asked of a snap, which has no rights in a unit', async () => {
    renameSync(path.join(root, 'bin/aws'), path.join(root, 'bin/snap'));
    symlinkSync('snap', path.join(root, 'bin/aws'));
    expect(await fetchPassword({ password: 'x' })).toMatchObject({ status: 1, stderr: expect.stringContaining('the AWS CLI is a snap') });
  });

  it('that was never read keeps the application down, and the journal says why', async () => {
    expect(await fetchPassword({})).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the application does not start without it'),
    });
    expect(existsSync(target())).toBe(false);
  });
});

describe("the fleet's variables", () => {
  const CERTIFICATE = '-----BEGIN KEY-----\r\nMII+/=\r\n-----END KEY-----\n';
  const LISTED = {
    LOG_LEVEL: 'info ünï 🦆 $HOME `id` "x"',
    DB_PASSWORD: { secret: 'shop/db', key: 'password' },
    DB_PORT: { secret: 'shop/db', key: 'port' },
    TLS_KEY: { secret: 'shop/key' },
    FLAGS: { parameter: '/shop/flags' },
  };
  const ANSWERS: Answers = {
    ...listOf(LISTED, 3),
    'shop/db': secret({ password: 'p\u0001ä"\\', port: 5432 }, 'db-1'),
    'shop/key': secret(CERTIFICATE, 'key-1'),
    '/shop/flags': parameter('a=1\nb=2', 7),
  };

  it('reach the application as they are: several lines, any character; the record has versions and no value', async () => {
    expect(await fetchEnvironment(ANSWERS)).toEqual({ status: 0, stderr: '' });
    const { DB_PASSWORD, DB_PORT, TLS_KEY, FLAGS, LOG_LEVEL, ...rest } = seenByApplication();
    expect({ DB_PASSWORD, DB_PORT, TLS_KEY, FLAGS, LOG_LEVEL }).toEqual({
      ...{ DB_PASSWORD: 'p\u0001ä"\\', DB_PORT: '5432', TLS_KEY: CERTIFICATE, FLAGS: 'a=1\nb=2', LOG_LEVEL: LISTED.LOG_LEVEL },
    });
    expect(Object.keys(rest).filter((name) => /^HOLDFAST_(VALUE|SECRET)/.test(name))).toEqual([]);
    expect(json('run/versions.json')).toEqual({ list: '3', DB_PASSWORD: 'db-1', DB_PORT: 'db-1', TLS_KEY: 'key-1', FLAGS: '7' });
    expect(statSync(path.join(root, 'run/versions.json')).mode & 0o777).toBe(0o600);
  });

  it('keep their last values while they cannot be read; after a boot the start fails, and each name is said', async () => {
    await fetchEnvironment(ANSWERS);
    const before = lines();
    const denied = { ...ANSWERS, 'shop/db': 'AccessDeniedException' };
    const said = await fetchEnvironment(denied);
    expect(said).toMatchObject({ status: 0 });
    expect(said.stderr).toBe(
      ['DB_PASSWORD', 'DB_PORT']
        .map((name) => `${name} (secret shop/db) cannot be used: AccessDeniedException; the last start's is used\n`)
        .join(''),
    );
    expect(lines()).toBe(before);
    expect(json('run/versions.json')).toMatchObject({ DB_PASSWORD: 'db-1' });
    boot();
    expect(await fetchEnvironment(denied)).toMatchObject({ status: 1, stderr: expect.stringContaining('DB_PORT (secret shop/db)') });
    expect(existsSync(target())).toBe(false);
  });

  it('have a new name that cannot be read: an install does not start, and what starts by itself has all that it had', async () => {
    await fetchEnvironment(ANSWERS);
    const before = [lines(), json('run/versions.json')];
    const more = { ...ANSWERS, ...listOf({ ...LISTED, NEW: { secret: 'gone' } }, 4) };
    const why = 'NEW (secret gone) cannot be used: ResourceNotFoundException; ';
    expect(await fetchEnvironment(more)).toEqual({ status: 0, stderr: `${why}the last start's is used\n` });
    expect([lines(), json('run/versions.json')]).toEqual(before);
    writeFileSync(path.join(root, 'run/installing'), '');
    expect(await fetchEnvironment(more)).toEqual({ status: 1, stderr: `${why}the application does not start without it\n` });
    expect(existsSync(target())).toBe(false);
  });

  it('have no last values in an install, which starts with what was ordered or not at all', async () => {
    await fetchEnvironment(ANSWERS);
    writeFileSync(path.join(root, 'run/installing'), '');
    const denied = { ...ANSWERS, 'shop/db': 'ThrottlingException' };
    expect(await fetchEnvironment(denied)).toMatchObject({ status: 1, stderr: expect.stringContaining('DB_PORT (secret shop/db)') });
    // A rollback to what runs already.
    writeFileSync(path.join(root, 'run/recorded.json'), JSON.stringify(json('run/versions.json')));
    expect(await fetchEnvironment({ ...denied, 'shop/db:db-1': 'ThrottlingException', [`${LIST}:3`]: ANSWERS[LIST] ?? '' })).toMatchObject({
      status: 0,
    });
    expect(seenByApplication()['DB_PORT']).toBe('5432');
    // And to others, which are not read: the values that are undone do not stand in.
    writeFileSync(path.join(root, 'run/recorded.json'), JSON.stringify({ ...json('run/versions.json'), DB_PORT: 'db-0' }));
    expect(
      await fetchEnvironment({ ...ANSWERS, 'shop/db:db-0': 'AccessDeniedException', [`${LIST}:3`]: ANSWERS[LIST] ?? '' }),
    ).toMatchObject({
      status: 1,
    });
  });

  it('are given up in time for systemd, which would start the application with the values of before', async () => {
    await fetchEnvironment(ANSWERS);
    writeFileSync(path.join(root, 'run/installing'), '');
    const why = 'the application does not start without it';
    expect(
      await fetchEnvironment(ANSWERS, { ENVIRONMENT_PARAMETER: LIST }, SCRIPT.replace('ALL_SECONDS = 70', 'ALL_SECONDS = -1')),
    ).toEqual({
      status: 1,
      stderr: `the list of variables (parameter ${LIST}) cannot be read: no answer; ${why}\n`,
    });
    expect(existsSync(target())).toBe(false);
  });

  it('are none where a rollback goes back to a server without any', async () => {
    writeFileSync(path.join(root, 'run/recorded.json'), '{"list":"0"}');
    expect(await fetchEnvironment(ANSWERS)).toEqual({ status: 0, stderr: '' });
    expect([lines(), json('run/versions.json')]).toEqual(['', { list: '0' }]);
  });

  it('are known for as long as a log can have them: also those of before a change', async () => {
    await fetchEnvironment(ANSWERS);
    await fetchEnvironment({ ...ANSWERS, 'shop/db': secret({ password: 'another one', port: 1 }, 'db-2') });
    const known = readFileSync(path.join(root, 'run/known.env'), 'utf8');
    const decoded = [...known.matchAll(/="(.*)"/g)].map(([, text = '']) => Buffer.from(text, 'base64').toString());
    expect(decoded).toEqual(expect.arrayContaining(['p\u0001ä"\\', 'another one', CERTIFICATE]));
    expect(decoded.join()).not.toContain('LOG_LEVEL');
  });

  it.each([
    ['a file of the server', { A: { parameter: 'file:///etc/shadow' } }],
    ['a line more', { 'A"\nLD_PRELOAD': 'x' }],
    ['another kind of source', { A: { url: 'https://x' } }],
    ['no object', [1]],
  ])('are refused where somebody else wrote the list: %s', async (_, list) => {
    expect(await fetchEnvironment(listOf(list))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/it has what synthesis does not write|it is not a list of variables/),
    });
  });

  it('are those of the last start where their list cannot be read', async () => {
    await fetchEnvironment(ANSWERS);
    expect(await fetchEnvironment({ ...ANSWERS, [LIST]: 'AccessDeniedException' })).toMatchObject({ status: 0 });
    expect(seenByApplication()['FLAGS']).toBe('a=1\nb=2');
    boot();
    expect(await fetchEnvironment({ ...ANSWERS, [LIST]: 'AccessDeniedException' })).toMatchObject({
      status: 1,
      stderr: `the list of variables (parameter ${LIST}) cannot be read: AccessDeniedException; the application does not start without it\n`,
    });
  });

  it('have the recorded versions after a rollback, and the store its current password', async () => {
    writeFileSync(path.join(root, 'run/recorded.json'), JSON.stringify({ list: '3', FLAGS: '6', DB_PASSWORD: 'db-0' }));
    const older = {
      ...ANSWERS,
      [`${LIST}:3`]: parameter(JSON.stringify(LISTED), 3),
      [LIST]: parameter('{}', 4),
      'shop/db:db-0': secret({ password: 'before' }, 'db-0'),
      '/shop/flags:6': parameter('before', 6),
    };
    expect(await fetchEnvironment(older)).toMatchObject({ status: 0 });
    expect(seenByApplication()).toMatchObject({ DB_PASSWORD: 'before', FLAGS: 'before', DB_PORT: '5432' });
    expect(json('run/versions.json')).toMatchObject({ list: '3', FLAGS: '6', DB_PASSWORD: 'db-0', DB_PORT: 'db-1' });
  });

  it('have the recorded version of what a rollback brought back alone, and the current one of the others, or the last', async () => {
    await fetchEnvironment(ANSWERS);
    writeFileSync(path.join(root, 'run/recorded.json'), JSON.stringify({ FLAGS: '6' }));
    const older = { ...ANSWERS, '/shop/flags:6': parameter('before', 6) };
    expect(await fetchEnvironment({ ...older, 'shop/db': secret({ password: 'rotated', port: 1 }, 'db-2') })).toMatchObject({ status: 0 });
    expect(seenByApplication()).toMatchObject({ DB_PASSWORD: 'rotated', FLAGS: 'before' });
    expect(await fetchEnvironment({ ...older, 'shop/db': 'ThrottlingException' })).toMatchObject({ status: 0 });
    expect(seenByApplication()).toMatchObject({ DB_PASSWORD: 'rotated', FLAGS: 'before' });
  });

  it.each([
    ['binary', { VersionId: 'v', SecretBinary: 'AA==' }, 'it is binary, and a variable is text'],
    ['longer than 8 KB', secret('ä'.repeat(4_097)), 'its value is longer than 8192 bytes'],
    ['with a NUL', secret('a\0b'), 'its value has a character that no variable can have'],
    ['being deleted', 'InvalidRequestException', 'InvalidRequestException'],
    ['of a key that may not be used', 'AccessDeniedException', 'AccessDeniedException'],
    ['of a version with another id', secret('x', 'a+b/c='), 'the id of its version has more than letters, digits and hyphens'],
  ])('of a secret that is %s: one sentence, without a value', async (_, answer, why) => {
    expect(await fetchEnvironment({ ...listOf({ A: { secret: 'a' } }), a: answer })).toEqual({
      status: 1,
      stderr: `A (secret a) cannot be used: ${why}; the application does not start without it\n`,
    });
  });
});
