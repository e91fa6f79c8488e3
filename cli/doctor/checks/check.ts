import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Subject } from '../subject.ts';

/** One family of checks: facts in, findings out. What was not seen gives none: `missing-facts.ts` speaks for it. Pure. */
export type Check = (facts: Facts, subject: Subject) => readonly Finding[];
