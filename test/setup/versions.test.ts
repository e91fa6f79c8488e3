import { describe, expect, it } from 'vitest';
import { isAtLeast, parseNodeVersion, parsePackageVersion, parsePythonVersion, parseStoreServerVersion } from '../../setup/versions.mjs';

describe('versions as programs print them', () => {
  it.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=4bd2ad7d1c6b2a1e', [7, 0, 15]],
    ['Valkey server v=8.1.1 sha=00000000:0 malloc=libc bits=64 build=0', [8, 1, 1]],
    ['Redis server v=6.0.16 sha=00000000:0', [6, 0, 16]],
    ['Server started, Redis version 2.8', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads the store server %j', (text, version) => {
    expect(parseStoreServerVersion(text)).toEqual(version);
  });

  it.each([
    ['Python 3.11.7\n', [3, 11, 7]],
    ['3.14.0rc1', [3, 14, 0]],
    ['Python 3.13', [3, 13, 0]],
    ['pyenv: python3.13: command not found', undefined],
  ])('reads the Python %j', (text, version) => {
    expect(parsePythonVersion(text)).toEqual(version);
  });

  it.each([
    ['v24.21.0\n', [24, 21, 0]],
    ['20.20.2', [20, 20, 2]],
    ['node: not found', undefined],
  ])('reads the Node %j', (text, version) => {
    expect(parseNodeVersion(text)).toEqual(version);
  });

  it.each([
    ['5:7.0.15-1~deb12u10', [7, 0, 15]],
    ['8.1.1+dfsg1-2', [8, 1, 1]],
    ['(none)', undefined],
  ])('reads the Debian package version %j', (text, version) => {
    expect(parsePackageVersion(text)).toEqual(version);
  });

  it.each([
    [[7, 0, 0], [7, 0], true],
    [[6, 9, 9], [7, 0], false],
    [[3, 9, 18], [3, 10], false],
    [[3, 10, 0], [3, 10], true],
    [[4, 0, 0], [3, 10], true],
    [undefined, [3, 10], false],
  ] as const)('compares %j with at least %j by number: %s', (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
