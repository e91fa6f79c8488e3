import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKOUT, pathsOf } from '../../setup/checkout.mjs';
import { missingOptionalPackages, platformOf } from '../../setup/optional-packages.mjs';

const { emulatorLock, lintLock, clientsLock, djangoLock, localStackLock } = pathsOf();

describe.each([
  ['the emulator', emulatorLock, 'ministack==1.5.33'],
  ['cfn-lint', lintLock, 'cfn-lint=='],
  ['the clients of AWS', clientsLock, 'awscli=='],
  ['Django', djangoLock, 'django=='],
  ['LocalStack', localStackLock, 'localstack-core==4.14.0'],
])('the lock of %s', (_name, file, root) => {
  const text = readFileSync(file, 'utf8');
  const entries = text.replaceAll('\\\n', ' ').trim().split('\n');

  it('pins every package to one version and its hashes', () => {
    expect(text).toContain(root);
    for (const entry of entries)
      expect(entry).toMatch(/^[a-z0-9._-]+==[a-z0-9.]+( ; python_full_version [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$/);
  });

  it('names no package index', () => {
    expect(text).not.toMatch(/:\/\/|--(extra-)?index-url|--find-links/);
  });
});

describe('package-lock.json', () => {
  const text = readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8');

  it('has an entry for every optional package, without which `npm ci` refuses it', () => {
    // Repaired by `node setup/complete-package-lock.mjs`.
    expect(missingOptionalPackages(JSON.parse(text)).map(({ name }) => name)).toEqual([]);
  });

  it('names no registry', () => {
    expect(text).not.toMatch(/"resolved": "https?:/);
  });
});

describe('the platform in the name of a package', () => {
  it.each([
    ['@biomejs/cli-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-x64-gnu', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
    ['@oxc-parser/binding-win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
    ['@oxc-parser/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'] }],
    ['fsevents', {}],
  ])('%s is for %j', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
