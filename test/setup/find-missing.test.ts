import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { findMissing, remarkOnGit } from '../../setup/find-missing.mjs';
import { refuseProblems } from '../../setup/problems-of.mjs';
import { makeFolder, writeJdk, writeProgram, writePython } from './fake-programs.ts';

let checkout: string;
let programs: string;
let lock: string;
beforeEach(() => {
  checkout = makeFolder();
  programs = join(checkout, 'programs');
  mkdirSync(programs);
  lock = join(checkout, 'package-lock.json');
  writeFileSync(lock, '{"packages":{"node_modules/a":{"version":"1.0.0"}}}');
  for (const file of ['lab/local-aws/emulator/ministack/requirements.lock', 'setup/requirements-localstack.lock']) {
    mkdirSync(join(checkout, file, '..'), { recursive: true });
    writeFileSync(join(checkout, file), '');
  }
});
afterEach(() => rmSync(checkout, { recursive: true }));

const context = (env: Record<string, string> = {}) => ({
  paths: pathsOf(checkout),
  // A home of its own, in which no pyenv is.
  env: { PATH: programs, HOME: checkout, PYENV_ROOT: checkout, ...env },
  noteCommand: () => undefined,
});
const machine = (more: { platform?: NodeJS.Platform; isRoot?: boolean } = {}) => ({
  platform: 'darwin' as NodeJS.Platform,
  isRoot: false,
  folders: [programs],
  ...more,
});
const missing = (command: readonly string[] = [], env = {}) => findMissing(context(env), command, machine());
/** The start of each, up to its first colon or comma. */
const named = (messages: readonly string[]) => messages.map((message) => message.split(/[:,]/)[0]);
const writeAll = () => {
  writeProgram(programs, 'valkey-server', 'echo "Valkey server v=8.1.1 sha=0"');
  writePython(programs, 'python3', '3.12.1');
  writeProgram(programs, 'npm', 'exit 0');
  writeProgram(programs, 'git', 'echo git version 2.39.5');
};

describe('what set-up needs of a machine', () => {
  it('is all named at once, each with how to install it', () => {
    const all = missing();
    expect(named(all)).toEqual([
      'Homebrew is missing',
      "Holdfast's local cloud needs Python 3.10 or newer",
      'npm is missing on PATH',
      'git is missing',
    ]);
    expect(all.every((message) => /https:\/\/|`(apt-get|brew|xcode-select)/.test(message))).toBe(true);
    expect(all.filter((message) => message.endsWith('then start again.'))).toHaveLength(3);
    expect(() => refuseProblems(all)).toThrow(
      /^This machine lacks 4 things\. Set-up has downloaded and changed nothing:\n- Homebrew [^\n]+\n- Holdfast's [^\n]+\n- npm [^\n]+\n- git [^\n]+$/,
    );
  });

  it('is nothing on a machine that has it', () => {
    writeAll();
    expect(missing()).toEqual([]);
    expect(remarkOnGit(context(), machine())).toBeUndefined();
  });

  it.each([
    ['npm', 'npm is missing on PATH'],
    ['python3', "Holdfast's local cloud needs Python 3.10 or newer"],
    ['valkey-server', 'Homebrew is missing'],
  ])('without %s alone: one message', (program, message) => {
    writeAll();
    rmSync(join(programs, program));
    expect(named(missing())).toEqual([message]);
    expect(() => refuseProblems(missing())).toThrow(new RegExp(`^${message}[^\n]+$`));
  });

  it('stops nothing without git alone, and remarks on it', () => {
    writeAll();
    // That of macOS without its developer tools.
    writeProgram(programs, 'git', 'echo "xcode-select: note: No developer tools were found" >&2; exit 1');
    expect(missing()).toEqual([]);
    expect(remarkOnGit(context(), machine())).toMatch(
      /^git is missing: .+Set-up goes on, as only your own work on this checkout needs it\.$/,
    );
  });

  it('is less when the packages are installed', () => {
    mkdirSync(join(checkout, 'node_modules'));
    writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), '{"packages":{"node_modules/a":{"version":"1.0.0"}}}');
    expect(named(missing())).not.toContain('npm is missing on PATH');
    expect(remarkOnGit(context(), machine())).toBeUndefined();
  });

  it('includes a Python that can create environments', () => {
    writeAll();
    writePython(programs, 'python3', '3.12.1', 'no venv');
    expect(missing()).toEqual([expect.stringContaining('cannot create virtual environments')]);
  });

  it('takes Homebrew, apt or dnf for a store server', () => {
    writeAll();
    rmSync(join(programs, 'valkey-server'));
    writeProgram(programs, 'dnf', 'exit 1');
    expect(findMissing(context(), [], machine({ platform: 'linux', isRoot: true }))).toEqual([]);
    expect(named(findMissing(context(), [], machine({ platform: 'linux' })))).toEqual([
      'Holdfast needs valkey-server or redis-server 7 or newer',
    ]);
    writeProgram(programs, 'brew', 'exit 1');
    expect(findMissing(context(), [], machine({ platform: 'linux' }))).toEqual([]);
    expect(missing()).toEqual([]);
  });

  it('names every wrong variable too', () => {
    writeAll();
    expect(missing([], { HOLDFAST_STORE_SERVER: '/none', HOLDFAST_PYTHON: '/none' })).toEqual([
      expect.stringMatching(/^HOLDFAST_STORE_SERVER is \/none/),
      expect.stringMatching(/^HOLDFAST_PYTHON is \/none/),
    ]);
  });
});

describe('what the command needs as well', () => {
  beforeEach(writeAll);
  const JDK = 'a JDK 17 or newer';
  const MAVEN = 'Maven 3.8 or newer';

  it.each([
    [
      ['lab/demo/start.ts', '--app', 'tomcat'],
      [`The examples in Java need ${JDK}`, `The examples in Java need ${MAVEN}`],
    ],
    [
      ['lab/demo/start.ts', '--app=spring', '--once'],
      [`The examples in Java need ${JDK}`, `The examples in Java need ${MAVEN}`],
    ],
    [
      ['lab/bench/deploy/main.ts', '--app', 'tomcat,spring'],
      [`The examples in Java need ${JDK}`, `The examples in Java need ${MAVEN}`],
    ],
    [
      ['lab/demo/start.ts', '--emulator', 'localstack'],
      ['LocalStack needs Python 3.13', `LocalStack's DynamoDB needs ${JDK}`, `LocalStack's DynamoDB needs ${MAVEN}`],
    ],
    [['lab/demo/start.ts', '--emulator', 'ministack'], []],
    [['bin/main.ts', 'up', '--emulator', 'localstack', '--emulator-endpoint', 'http://127.0.0.1:4566'], []],
    [['lab/demo/start.ts', '--app', './my-server'], []],
    [['lab/demo/start.ts', '--app', 'toString'], []],
    [['lab/demo/start.ts', '--app'], []],
    [['lab/demo/start.ts', '--app', 'tomcat', '--help'], []],
  ])('%j', (command, expected) => {
    expect(named(missing(command))).toEqual(expected);
  });

  it('nothing else with a JDK and Maven', () => {
    const home = writeJdk(join(checkout, 'jdk'), '17.0.15');
    writeProgram(programs, 'mvn', 'echo Apache Maven 3.8.7');
    expect(missing(['lab/demo/start.ts', '--app', 'tomcat'], { JAVA_HOME: home })).toEqual([]);
    expect(named(missing(['lab/demo/start.ts', '--emulator', 'localstack'], { JAVA_HOME: home }))).toEqual([
      'LocalStack needs Python 3.13',
    ]);
  });
});
