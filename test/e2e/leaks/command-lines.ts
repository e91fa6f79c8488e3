/** The command lines that the kept cloud's processes had in this run. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ownStateFolder } from '../../../cli/cloud-state.ts';
import { kept } from '../fleet.ts';
import type { Content } from './content.ts';
import { commandLinesFile } from './watch-processes.ts';

export function* commandLines(): Iterable<Content> {
  const runId = path.basename(kept.runFolder);
  const lines = readFileSync(commandLinesFile(ownStateFolder()), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${runId} `));
  for (const line of lines) yield { place: 'command lines', name: line.split(' ')[1] ?? '', content: line };
}
