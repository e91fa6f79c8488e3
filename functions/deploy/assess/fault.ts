import { capital } from '../../shared/counted.ts';

/** What is wrong in front of a fleet, for a deploy and for `holdfast doctor`. Each text is a clause without a capital and a full stop. */
export interface Fault {
  readonly what: string;
  /** What it means for a deploy. */
  readonly why: string;
  readonly fix: string;
}

/** A fault as the two sentences of a deploy's error, which begins without a capital and ends without a full stop. */
export const faultText = ({ what, why, fix }: Fault): string => `${what}: ${why}. ${capital(fix)}`;
