import path from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainUserData } from '../server/documents/unpack.ts';
import { adopted } from './adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let adoptedApp: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  adoptedApp = await SynthesizedApp.create(adopted());
});
afterAll(async () => {
  await app?.remove();
  await adoptedApp?.remove();
});

/** Without what depends on a bundle's bytes, its key in the asset bucket and the logical id of its version, and digests of definitions. */
function withoutHashes(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{64}\.zip/g, '<asset>.zip')
    .replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<version>')
    .replaceAll(/[0-9a-f]{64}(?="|$)/g, '<digest>');
}

/** The documents' scripts and the user data have tests of their own, by running them. */
function withoutScripts(key: string, value: unknown): unknown {
  if (key === 'runCommand') return ['<script>'];
  if (key === 'UserData') return '<script>';
  return value;
}

describe('the templates', () => {
  it.each([
    'network',
    'session-store',
    'releases',
    'alarms',
    'store-operations',
    'web-web-tier',
    'web-deploy',
    'incidents',
    'termination-protection',
  ])('of %s change only on purpose', async (part) => {
    const template = JSON.stringify(app.template(part).toJSON(), withoutScripts, 2);
    await expect(`${withoutHashes(template)}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, '__snapshots__', `${part}.template.json`),
    );
  });

  it('of an existing web tier change only on purpose', async () => {
    const template = JSON.stringify(adoptedApp.template('web-web-tier').toJSON(), withoutScripts, 2);
    await expect(`${withoutHashes(template)}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, '__snapshots__', 'adopted-web-tier.template.json'),
    );
  });

  it('start a placeholder on the servers of created groups, with their health path, and on no others', () => {
    const scriptsIn = (template: Template) => {
      const text = JSON.stringify(template.toJSON());
      return plainUserData(text.slice(text.indexOf('#!/bin/bash')).replaceAll('\\n', '\n'));
    };
    const created = scriptsIn(app.template('web-web-tier'));
    expect(created).toContain('systemctl start holdfast-placeholder');
    expect(created).toContain("health_path='/");
    const existing = JSON.stringify(adoptedApp.template('web-web-tier').toJSON());
    expect(existing).toContain('base64 -d | gzip -d');
    expect(scriptsIn(adoptedApp.template('web-web-tier'))).not.toContain('holdfast-placeholder');
  });

  it('have no other trace of a machine or of a build', () => {
    const text = app.stackNames
      .map((name) => JSON.stringify(app.template(name.replace('holdfast-', '')).toJSON(), withoutScripts))
      .join('\n');
    expect(withoutHashes(text)).not.toMatch(/[0-9a-f]{32,}|\/tmp\/|\/home\/|node_modules/);
  });
});
