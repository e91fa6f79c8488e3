/** CodeDeploy bundles as their owners write them: an appspec, scripts and files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUNDLE_EVENTS, type BundleEvent } from '../../../../functions/shared/app-contract.ts';
import type { BundleFleetName } from './judge-bundles.ts';

/** What is wrong with a bundle: lines of the shell in the place of an event's own, and of what is served. */
export interface Flaw {
  readonly hooks?: Partial<Record<BundleEvent, string>>;
  /** Its service starts, and its readiness path answers 503. */
  readonly isNeverReady?: true;
}

export interface BundleKind {
  readonly name: BundleFleetName;
  /** The service that the servers had before. */
  readonly service: string;
  /** What is below the bundle's folder, and where it goes. */
  readonly files: readonly { readonly source: string; readonly destination: string }[];
  /** Answer while the release serves. */
  readonly livePaths: readonly string[];
  /** Writes the files of a version. */
  build(folder: string, version: string, flaw: Flaw): Promise<void>;
}

/** Where every bundle has one file that is named for its version: a later Install removes it. */
export const NOTES = '/shop/notes';

export interface Made {
  readonly version: string;
  readonly folder: string;
  /** Every script writes a line in this file: when it began, where, its event and its bundle's version. */
  readonly events: string;
}

/** @returns the bundle's folder */
export async function makeBundle(kind: BundleKind, { version, folder, events }: Made, flaw: Flaw = {}): Promise<string> {
  const scripts: Partial<Record<BundleEvent, string>> = {
    ApplicationStop: `systemctl stop ${kind.service}`,
    // After a stop that failed the old program still runs.
    ApplicationStart: `systemctl restart ${kind.service}`,
    ValidateService: kind.livePaths.map((live) => `curl ${CURL} "http://127.0.0.1:$(cat "$machine/shop/port")${live}"`).join('\n'),
    ...flaw.hooks,
  };
  for (const each of ['notes', 'scripts']) mkdirSync(path.join(folder, each), { recursive: true });
  await kind.build(folder, version, flaw);
  writeFileSync(path.join(folder, 'notes', version), '');
  for (const event of BUNDLE_EVENTS)
    writeFileSync(path.join(folder, 'scripts', `${event}.sh`), `${head(events, version)}${scripts[event] ?? ''}\n`);
  const files = [...kind.files, { source: 'notes', destination: NOTES }];
  writeFileSync(path.join(folder, 'appspec.yml'), appspec(files));
  return folder;
}

/** A virtual machine of Java that starts next to others takes a while. */
const CURL = '--fail --silent --show-error --retry 60 --retry-all-errors --retry-delay 1 --max-time 20';
const TIMEOUT_SECONDS = 120;

/** A machine of the local cloud has its root in a folder. */
const head = (events: string, version: string) => `#!/bin/bash
set -eu
machine="\${HOLDFAST_ROOT%/opt/holdfast}"
echo "$(date +%s%3N) $(basename "$machine") $LIFECYCLE_EVENT ${version}" >>'${events}'
`;

const appspec = (files: BundleKind['files']) => `version: 0.0
os: linux
files:
${files.map(({ source, destination }) => `  - source: ${source}\n    destination: ${destination}\n`).join('')}permissions:
  - object: ${NOTES}
    pattern: "*"
    mode: 0644
    type:
      - file
hooks:
${BUNDLE_EVENTS.map((event) => `  ${event}:\n    - location: scripts/${event}.sh\n      timeout: ${TIMEOUT_SECONDS}\n`).join('')}`;

/** What an image brings: the bundle's files where its Install puts them. A text of a shell script. */
export const asInstalled = ({ files }: Pick<BundleKind, 'files'>, folder: string): string =>
  [...files, { source: 'notes', destination: NOTES }]
    .map(({ source, destination }) => {
      const from = path.join(folder, source);
      const to = `"$HOME${destination}"`;
      return `mkdir -p ${to}\ncp -R '${from}'${path.extname(source) === '' ? '/.' : ''} ${to}/\n`;
    })
    .join('');
