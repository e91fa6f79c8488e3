/** What a runbook did, or did not do, in sentences. Pure. */
import { capital, clockText } from '../../shared/texts.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey, TEMPORARY } from '../contract/mitigations.ts';
import type { Done, IncidentPage } from './incident-page.ts';
import { plain } from './plain.ts';

/** Every mitigation on record, with its key. An earlier version can have left one that no longer exists. */
export const mitigationsOf = ({ mitigations }: Pick<IncidentRecord, 'mitigations'>): (readonly [MitigationKey, MitigationRecord])[] =>
  (Object.keys(mitigations) as MitigationKey[]).flatMap((key) => {
    const record = mitigations[key];
    return record && record.name in DESCRIPTORS ? [[key, record] as const] : [];
  });

/** Every mitigation of the record, in the order in which it began. */
export const describeMitigations = ({ mitigations, dryRun }: Pick<IncidentRecord, 'mitigations' | 'dryRun'>): Done[] =>
  Object.entries(mitigations)
    .flatMap(([name, record]) => (record === undefined ? [] : [[name, record] as const]))
    .toSorted(([, a], [, b]) => (a.requestedAtMs ?? 0) - (b.requestedAtMs ?? 0))
    .map(([name, record]) => ({
      ...{ name, run: record.run, state: record.state, text: describeMitigation(name, record, dryRun ?? false) },
      calls: record.calls.map(({ service, operation, input }) => `${service} ${operation} ${JSON.stringify(input)}`),
    }));

/** Nothing but mitigations that wait for a person: one line has them all. */
export const onlyObserved = (done: readonly Done[]): boolean => done.length > 0 && done.every(({ state }) => state === 'observed');

/** In these states no call is ever sent. */
const NEVER_SENT: readonly string[] = ['observed', 'refused'] satisfies MitigationState[];

/** `Holdfast changed nothing.`, first of what was done: no reader has to conclude it from the others. */
export function summaryOf(done: readonly Done[], verdict: IncidentPage['verdict']): string[] {
  if (done.length === 0) return [verdict === 'pending' ? 'Nothing yet.' : 'Holdfast changed nothing: no mitigation fits the finding.'];
  if (onlyObserved(done)) return [`Holdfast changed nothing: a person decides about ${done.map(({ name }) => name).join(', ')}.`];
  if (done.every(({ state }) => NEVER_SENT.includes(state))) return ['Holdfast changed nothing.'];
  return done.every(({ state }) => NEVER_SENT.includes(state) || state === 'planned') ? ['Holdfast has changed nothing yet.'] : [];
}

type Describe = (name: string, record: MitigationRecord) => string;

const why = ({ detail }: MitigationRecord): string => (detail ? ` (${plain(detail).replace(/\.$/, '')})` : '');
const at = (ms: number | undefined): string => (ms === undefined ? '' : ` at ${clockText(ms)} UTC`);
const asked = ({ requestedBy }: MitigationRecord): string => (requestedBy ? `, as ${plain(requestedBy)} asked,` : '');
/** What was carried out: its effect as a sentence of its own. */
const effect = ({ effect: text }: MitigationRecord): string => (text ? ` ${sentence(plain(text))}` : '');
const would = ({ effect: text }: MitigationRecord): string => (text ? ` Its effect would be: ${plain(text).replace(/\.$/, '')}.` : '');
const sentence = (text: string): string => `${capital(text)}${/[.!?…]$/.test(text) ? '' : '.'}`;

const TEXTS: Readonly<Record<MitigationState, Describe>> = {
  planned: (name, record) => `${name} is planned${asked(record)}${record.requestedBy ? ' and' : ';'} nothing is sent yet.${would(record)}`,
  observed: (name, record) => `${name} was not carried out: ${plain(record.reason ?? 'its mode is observe')}.${would(record)}`,
  refused: (name, record) => `${name} was not carried out${why(record)}.`,
  acting: (name, record) => `${name} is being carried out${at(record.actedAtMs).replace('at', 'since')}.${effect(record)}`,
  verifying: (name, record) => `${name} was carried out, and its result is being checked${why(record)}.${effect(record)}`,
  done: (name, record) =>
    `${name} was carried out${asked(record)} and its result was checked${at(record.finishedAtMs)}${why(record)}.${effect(record)}${TEMPORARY.includes(record.name) ? ' It is undone by itself when the trouble is over.' : ''}`,
  undoing: (name, record) => `${name} is being undone${why(record)}.`,
  undone: (name, record) => `${name} was undone${at(record.finishedAtMs)}${why(record)}.`,
  ended: (name, record) =>
    `${name} was carried out, and undone${at(record.finishedAtMs)}: ${plain(record.detail ?? 'it was no longer needed')}.`,
  leftBehind: (name, record) => `${name} could not be undone${why(record)}: what it changed is still there.`,
};

function describeMitigation(name: string, record: MitigationRecord, dryRun: boolean): string {
  if (dryRun && (record.state === 'observed' || record.state === 'planned'))
    return `${name} would ${record.mode === 'auto' ? '' : 'not '}be carried out${record.mode === 'auto' ? '' : ' by a real run either, before a person asks for it'}.${would(record)}`;
  // An earlier version had other mitigations, and states.
  return (TEXTS[record.state] ?? ((key) => `${key} was ${record.state}${why(record)}.`))(name, record);
}
