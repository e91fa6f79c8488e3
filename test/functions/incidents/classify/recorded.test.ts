/**
 * Evidence that runbooks collected for real, each with what it was: `npm run bench:incidents -- --record FOLDER` writes it to
 * test/functions/incidents/recorded. A cause that is found has to be the one that was planted; an honest `unknown` is right
 * wherever the bundle does not say that its cause must be found.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';

interface Bundle {
  readonly runbook: Runbook;
  /** A cause, `nothing` or `unknown`; several where any of them is right. */
  readonly expect: string | readonly string[];
  readonly evidence: Evidence;
}

const FOLDER = path.resolve(import.meta.dirname, '../recorded');
const bundles = globSync('*.json', { cwd: FOLDER });

it.each(bundles)('%s is classified as what was planted', (file) => {
  const bundle = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Bundle;
  const finding = classify(bundle.evidence, bundle.runbook, bundle.evidence.toMs);
  expect([bundle.expect].flat()).toContain(finding.verdict === 'cause' ? finding.cause : finding.verdict);
});
