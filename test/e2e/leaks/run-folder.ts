/** Every file of a run, but those that exist to hold a secret. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ownStateFolder } from '../../../cli/cloud-state.ts';
import { kept } from '../fleet.ts';
import type { Content } from './content.ts';

/** Files that hold a secret for the program that needs it, with who that is. No other user can enter the run's folder. */
const HOLDS_A_SECRET: readonly { readonly file: RegExp; readonly for: string }[] = [
  { file: /^elasticache\/[^/]+\/[^/]+\/server\.conf$/, for: 'a node of the local store, and its Sentinel' },
  { file: /^elasticache\/.*\.rdb$/, for: 'a node of the local store: its data, the sessions' },
  {
    file: /^instances\/[^/]+\/(opt\/holdfast\/run|run\/holdfast)\/(store|last|known)\.env$/,
    for: 'the application of an instance: a folder in memory',
  },
  { file: /^instances\/[^/]+\/\.aws\/credentials$/, for: 'root on an instance' },
  { file: /^aws-credentials$/, for: 'the AWS SDKs and the AWS CLI of the owner' },
];

export function* runFolder(): Iterable<Content> {
  const { runFolder: folder } = kept;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (HOLDS_A_SECRET.some((one) => one.file.test(name.replaceAll(path.sep, '/')))) continue;
    const content = read(file);
    if (content) yield { place: 'run folder', name, content };
  }
  const daemonLog = path.join(ownStateFolder(), 'logs/daemon.log');
  yield { place: 'run folder', name: 'daemon.log', content: read(daemonLog) ?? '' };
}

/** Nothing of a folder, and of what was removed since it was listed. */
function read(file: string): Buffer | undefined {
  try {
    return lstatSync(file).isFile() ? readFileSync(file) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
