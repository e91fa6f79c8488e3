import type { Lookups } from '../../../../cli/doctor/lookup.ts';
import type { Subject } from '../../../../functions/checks/subject.ts';
import type { Severity } from '../../../../functions/shared/check.ts';

/** What is changed in a healthy fleet. */
export interface Planted {
  readonly facts?: Partial<Lookups>;
  readonly subject?: Subject;
}

/** Each with the one line that it has to give, and no other. */
export type Defect = readonly [title: string, planted: Planted, check: string, severity: Severity, what: RegExp];
