/** No missing source changes a certain finding into another: it can make it likely, or unknown. */
import { expect, it } from 'vitest';
import { classify } from '../../../functions/incidents/classify/classify.ts';
import { type Evidence, SOURCES } from '../../../functions/incidents/contract/evidence.ts';
import { FULL } from '../../../test/e2e/full-run.ts';
import { OWN, readCases } from '../read-situations.ts';
import { storedEvidence } from '../stored-evidence.ts';
import { randomOf } from '../world/random.ts';

const GAP = { takenAtMs: 0, gap: 'not read' };
/** `npm run test:full` goes through all. */
const SHARE = FULL ? 1 : 8;
const files = await readCases(OWN);
/** Of each situation whose finding is certain. */
const TRIES = 2;

const causeOf = (evidence: Evidence, runbook: Parameters<typeof classify>[1]): string | undefined => {
  const finding = classify(evidence, runbook);
  return finding.verdict === 'cause' && finding.confidence === 'certain' ? finding.cause : undefined;
};

it.each(files.map((file) => [file.file, file] as const))('%s', { timeout: 600_000 }, (name, file) => {
  const random = randomOf(name);
  const stored = storedEvidence(file);
  for (const { name: situation, runbook, expect: right } of file.situations.filter((_, index) => index % SHARE === 0)) {
    const evidence = stored[situation] as Evidence;
    if (causeOf(evidence, runbook) === undefined) continue;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const missing = SOURCES.filter((source) => source in evidence.sources && random() < 0.3);
      const without = { ...evidence, sources: { ...evidence.sources, ...Object.fromEntries(missing.map((source) => [source, GAP])) } };
      const found = causeOf(without as Evidence, runbook);
      if (found !== undefined) expect(right.causes, `${situation} without ${missing.join(', ')}`).toContain(found);
    }
  }
});
