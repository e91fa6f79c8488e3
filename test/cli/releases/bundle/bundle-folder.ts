import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PackagedRelease, packageRelease } from '../../../../cli/releases/package-release.ts';
import { app } from '../../../../infra/config/app-kind.ts';

export const APPSPEC = `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/shop
hooks:
  ApplicationStart:
    - location: scripts/start.sh
`;

/** Writes files under `folder`; scripts are executable. */
export async function writeBundle(folder: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [name, content] of Object.entries({ 'appspec.yml': APPSPEC, 'scripts/start.sh': '#!/bin/sh\n', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content, { mode: name.startsWith('scripts/') ? 0o755 : 0o644 });
  }
  return folder;
}

export const fleetOf = (more: object = {}) => ({ app: app.parse({ kind: 'bundle', readinessPath: '/health', ...more }), port: 8080 });

/** Packages it for a fleet of bundles. */
export const packageBundle = (source: string, work: string, fleet: ReturnType<typeof fleetOf> = fleetOf()): Promise<PackagedRelease> =>
  packageRelease(source, '1.4.2', work, { bundleFleet: async () => fleet });
