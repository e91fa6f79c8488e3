import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findJdk, findMaven } from '../../setup/find-java.mjs';
import { makeFolder, writeJdk, writeProgram } from './fake-programs.ts';

let folder: string;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string) => join(folder, name, 'bin');

describe('finding a JDK', () => {
  it('is the one that JAVA_HOME names, although PATH has another', () => {
    const home = writeJdk(join(folder, 'mine'), '21');
    writeJdk(join(folder, 'other'), '17.0.15');
    expect(findJdk({ JAVA_HOME: home }, [pathOf('other')])).toEqual({ home, java: join(home, 'bin', 'java'), version: '21.0.0' });
  });

  it('skips a Java 8 and one without a compiler, and takes the next on PATH', () => {
    writeJdk(join(folder, 'old'), '1.8.0_402');
    writeJdk(join(folder, 'jre'), '17.0.15', { compiler: false });
    const home = writeJdk(join(folder, 'new'), '17.0.15');
    expect(findJdk({}, ['old', 'jre', 'new'].map(pathOf))).toEqual({ home, java: join(home, 'bin', 'java'), version: '17.0.15' });
  });

  it('follows a shim of a version manager to the JDK itself', () => {
    const home = writeJdk(join(folder, 'managed'), '17.0.15');
    writeProgram(join(folder, 'shims'), 'java', `exec "${home}/bin/java" "$@"`);
    expect(findJdk({}, [join(folder, 'shims')]).home).toBe(home);
  });

  it.each([
    ['1.8.0_402', {}, 'is Java 8.0.0'],
    ['11.0.22', {}, 'is Java 11.0.22'],
    ['17.0.15', { compiler: false }, 'is Java 17.0.15 without javac (a run-time environment, not a JDK)'],
  ] as const)('says what is wrong with Java %s %j, and what to install', (version, options, problem) => {
    const home = writeJdk(join(folder, 'jdk'), version, options);
    expect(() => findJdk({}, [pathOf('jdk')])).toThrow(
      `The examples in Java need a JDK 17 or newer, and ${home}/bin/java ${problem}: install one with \`apt-get install openjdk-17-jdk-headless\` ` +
        '(Debian, Ubuntu), `dnf install java-17-amazon-corretto-devel` (Amazon Linux) or `brew install openjdk@17` (macOS), or set JAVA_HOME to ' +
        'the folder of one, then start again. Nothing was changed.',
    );
    expect(() => findJdk({ JAVA_HOME: home }, [])).toThrow(
      `JAVA_HOME is ${home}, which ${problem}: set it to the folder of a JDK 17 or newer, or unset it, then start again. Nothing was changed.`,
    );
  });

  it('says so when there is none, as where java is the program of macOS that only asks for one', () => {
    writeProgram(folder, 'java', 'echo "The operation couldn’t be completed. Unable to locate a Java Runtime." >&2; exit 1');
    expect(() => findJdk({}, [folder])).toThrow('need a JDK 17 or newer, and no java was found on PATH: install one with');
    expect(() => findJdk({ JAVA_HOME: folder }, [])).toThrow(`JAVA_HOME is ${folder}, which has no bin/java that runs: set it to`);
  });
});

describe('finding Maven', () => {
  const jdk = { home: '/jdk', java: '/jdk/bin/java', version: '17.0.15' };

  it('takes one that runs with the JDK', () => {
    const path = writeProgram(folder, 'mvn', 'echo "\x1b[1mApache Maven 3.8.7\x1b[m"; [ "$JAVA_HOME" = /jdk ]');
    expect(findMaven({}, jdk, [folder])).toBe(path);
  });

  it('says what was found instead', () => {
    expect(() => findMaven({}, jdk, [folder])).toThrow(
      'The examples in Java need Maven 3.8 or newer, and no mvn that runs was found on PATH: install it with `apt-get install maven`',
    );
    const path = writeProgram(folder, 'mvn', 'echo "Apache Maven 3.6.3"');
    expect(() => findMaven({}, jdk, [folder])).toThrow(`and ${path} is Maven 3.6.3: install it with`);
  });
});
