import type { Finding } from '../contract/causes.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { mostAreUp } from './facts/servers-up.ts';
import { storeAnswers } from './facts/store-nodes.ts';

/**
 * A failover that is over when its runbook looks: a primary takes writes again, and most servers work with it. What bridges an outage
 * would only be another one. Of the other causes nothing is over by a primary that answers: servers cannot reach it, or it refuses
 * them. Pure.
 */
export const isOutageOver = (finding: Finding, evidence: Evidence): boolean =>
  finding.verdict === 'cause' &&
  finding.cause === 'store-failing-over' &&
  storeAnswers(evidence).truth === true &&
  mostAreUp(factsOf(evidence, 'servers')?.servers ?? []);
