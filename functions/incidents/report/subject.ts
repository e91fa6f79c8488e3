/** Subjects of messages: how urgent it is, where, and what it is in plain words. Pure. */
import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { nounOf } from '../trouble/sentences.ts';
import { hurtingChannels, troubleOf } from '../trouble/trouble.ts';
import { CAUSE_NAMES } from './cause-names.ts';
import type { Place } from './incident-page.ts';

/** SNS takes 100 printable ASCII characters as a subject. */
const SUBJECT_CHARACTERS = 100;

/** `holdfast eu-west-1` */
export const placeText = ({ installation, region, local }: Place): string => `${installation} ${local ? '(local cloud)' : region}`;

/** `the store is down` */
export function nameOf(finding: Finding): string {
  if (finding.verdict === 'cause') return CAUSE_NAMES[finding.cause];
  return finding.verdict === 'nothing' ? 'no trouble found' : 'cause not known';
}

/** `the store is down (certain)`; of an unknown cause, what people notice. */
export function titleOf({ finding }: Pick<IncidentRecord, 'finding'>, evidence: Evidence | undefined): string {
  if (finding === undefined) return 'collecting evidence';
  const name = nameOf(finding);
  if (finding.verdict === 'cause') return `${name} (${finding.confidence})`;
  const [worst] = finding.verdict === 'unknown' && evidence ? hurtingChannels(troubleOf(evidence)) : [];
  return worst === undefined ? name : `${nounOf(worst.name)}, ${name}`;
}

/** @param words the first come first where all of them are too long */
export const subjectOf = (...words: readonly string[]): string => ascii(words.join(': ')).slice(0, SUBJECT_CHARACTERS);

const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');
