/** The situations of which evidence is stored. */
import { OWN, readCases } from '../situations/read-situations.ts';
import { storedEvidence } from '../situations/stored-evidence.ts';
import type { Case } from './ablate.ts';

const files = await readCases(OWN);

/** One file at a time: all of them together take gigabytes. @param only names of situations; none: all */
export function* casesOf(only: readonly string[]): Iterable<Case> {
  for (const file of files) {
    if (only.length > 0 && !file.situations.some(({ name }) => only.includes(name))) continue;
    const stored = storedEvidence(file);
    for (const situation of file.situations) {
      const evidence = stored[situation.name];
      if (evidence !== undefined && (only.length === 0 || only.includes(situation.name))) yield { situation, evidence };
    }
  }
}
