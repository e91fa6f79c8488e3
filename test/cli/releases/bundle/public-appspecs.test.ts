import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../release-folder.ts';
import { packageBundle } from './bundle-folder.ts';
import { ACCEPTED, REFUSED } from './public-appspecs.ts';

let root: string;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function publish({ appspec, file = 'appspec.yml', files = [] }: (typeof ACCEPTED)[number], scripts: readonly string[] = []) {
  for (const [name, content] of [[file, appspec], ...[...files, ...scripts].map((each) => [each, '#!/bin/sh\n'])] as const) {
    await mkdir(dirname(join(root, 'bundle', name as string)), { recursive: true });
    await writeFile(join(root, 'bundle', name as string), content as string);
  }
  return packageBundle(join(root, 'bundle'), join(root, 'work'));
}

/** What a line-by-line reading of the file shows. */
const valuesOf = (appspec: string, key: string): string[] =>
  [...appspec.matchAll(new RegExp(`^[ -]*${key}: *([^#\\n]*?) *(?:#.*)?$`, 'gm'))].map(([, value = '']) => value);

describe('an appspec of a public repository', () => {
  it.each(ACCEPTED.map((one) => [one.repository, one] as const))('is published as it is: %s', async (_, one) => {
    const scripts = valuesOf(one.appspec, 'location');
    const { app } = await publish(one, scripts);
    const { files = [], permissions = [], hooks = {} } = app.bundle ?? {};
    const own = Object.values(hooks).flat();
    expect(app.start).toEqual([one.file ?? 'appspec.yml']);
    expect(own.map(({ location }) => location).sort()).toEqual(scripts.toSorted());
    expect(own.flatMap(({ runas }) => runas ?? []).sort()).toEqual(valuesOf(one.appspec, 'runas').toSorted());
    const timeouts = valuesOf(one.appspec, 'timeout').map(Number);
    expect(
      own
        .map(({ timeout }) => timeout)
        .filter((each) => each !== 3_600)
        .sort(),
    ).toEqual(timeouts.toSorted());
    expect(files).toHaveLength(valuesOf(one.appspec, 'source').length);
    for (const { destination } of files) expect(destination).toMatch(/^\/.*[^/]$/);
    expect(permissions.flatMap(({ mode }) => mode ?? [])).toEqual(valuesOf(one.appspec, 'mode'));
    expect(permissions.flatMap(({ owner }) => owner ?? [])).toEqual(valuesOf(one.appspec, 'owner'));
    expect(app.bundle?.fileExists).toBe(valuesOf(one.appspec, 'file_exists_behavior')[0] ?? 'DISALLOW');
  });

  it.each(REFUSED.map((one) => [one.repository, one] as const))('is refused with a sentence: %s', async (_, one) => {
    const publishing = publish(one);
    await expect(publishing).rejects.toThrow(`${one.file ?? 'appspec.yml'}: ${one.sentence}`);
    await expect(publishing).rejects.toMatchObject({ name: 'InvalidRelease', message: expect.stringMatching(/^[^\n]{1,300}[.?]$/) });
  });

  it('has been tried in at least 15 that are accepted, and 8 that are not', () => {
    expect(ACCEPTED.length).toBeGreaterThanOrEqual(15);
    expect(REFUSED.length).toBeGreaterThanOrEqual(8);
  });
});
