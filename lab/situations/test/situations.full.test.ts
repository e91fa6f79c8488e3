import { expect, it } from 'vitest';
import { OWN, readCases } from '../read-situations.ts';
import { collectEvidence } from '../run-situation.ts';
import { isSame, storedEvidence } from '../stored-evidence.ts';

it('collects the evidence that is stored: npm run situations -- --record stores another', { timeout: 1_800_000 }, async () => {
  const others: string[] = [];
  for (const file of await readCases(OWN)) {
    const stored = storedEvidence(file);
    for (const situation of file.situations)
      if (!isSame(stored[situation.name], await collectEvidence(situation))) others.push(situation.name);
  }
  expect(others).toEqual([]);
});
