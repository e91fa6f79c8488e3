/** The contents of the documents that read a server's logs for an incident: one for the access log, one for the rest. */
import {
  type OUTPUT_OF,
  READ_ACCESS_LOG,
  READ_LOGS,
  type ReadAccessLogParameters,
  type ReadLogsParameters,
  type ReadLogsWindow,
} from '../../functions/incidents/contract/read-logs.ts';
import { SHOW_LINES } from '../../functions/incidents/lines/contract.ts';
import type { PeopleParameters } from '../../functions/people/contract.ts';
import { type DocumentContent, type DocumentParameter, documentOf, NUMBER, pythonStep, variable } from './document-content.ts';

/** Above the scripts' own limits: 10 s of reading and as long for judging, or for the journal, twice 3 s of the store, three requests of 2 s. */
const TIMEOUT_SECONDS = 90;

const window: Record<keyof ReadLogsWindow, DocumentParameter> = {
  fromMs: variable('Begin of what is counted; milliseconds since the epoch.', NUMBER),
  toMs: variable('End of what is counted; milliseconds since the epoch.', NUMBER),
};
const MOMENT = '^([0-9]{1,15})?$';
const ofApplication: Record<keyof ReadLogsParameters, DocumentParameter> = {
  ...window,
  newSinceMs: variable(
    'The first sign: the lines that are new about then are seen by their forms; milliseconds since the epoch.',
    MOMENT,
    '',
  ),
};
const keyed: Record<keyof ReadAccessLogParameters | keyof PeopleParameters, DocumentParameter> = {
  hashKey: variable("Key of the incident's hashes, in hex.", '^[0-9a-f]{64}$'),
  ...window,
  sinceMs: variable('Of a deploy: begin of what people meet now; milliseconds since the epoch.', MOMENT, ''),
  untilMs: variable('Of a deploy: end of what they met before.', MOMENT, ''),
};

export const readLogsContent = (): DocumentContent =>
  documentOf(
    "Holdfast: reads the application's log and the server's own view for an incident, and returns counts and forms of lines. Changes nothing.",
    ofApplication,
    pythonStep(READ_LOGS.step, TIMEOUT_SECONDS, 'read_logs'),
  );

export const readAccessLogContent = (): DocumentContent =>
  documentOf(
    "Holdfast: reads the server's access log for an incident, and returns counts and keyed hashes. Changes nothing.",
    keyed,
    pythonStep(READ_ACCESS_LOG.step, TIMEOUT_SECONDS, 'read_access_log'),
  );

export const showLinesContent = (): DocumentContent =>
  documentOf(
    "Holdfast: shows the application's log around a time to a person who asks, without secrets. Changes nothing.",
    window,
    pythonStep(SHOW_LINES.step, TIMEOUT_SECONDS, 'show_lines'),
  );

/** Both, by their names in the contract. */
export const READ_CONTENTS: readonly (readonly [name: keyof typeof OUTPUT_OF, step: string, content: () => DocumentContent])[] = [
  [READ_LOGS.document, READ_LOGS.step, readLogsContent],
  [READ_ACCESS_LOG.document, READ_ACCESS_LOG.step, readAccessLogContent],
];
