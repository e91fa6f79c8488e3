import type { Facts } from '../../../../cli/doctor/facts.ts';
import type { Severity } from '../../../../cli/doctor/finding.ts';
import type { Subject } from '../../../../cli/doctor/subject.ts';

/** What is changed in a healthy fleet. */
export interface Planted {
  readonly facts?: Partial<Facts>;
  readonly subject?: Subject;
}

/** Each with the one line that it has to give, and no other. */
export type Defect = readonly [title: string, planted: Planted, check: string, severity: Severity, what: RegExp];
