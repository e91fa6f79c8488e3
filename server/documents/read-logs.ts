/** The content of the document that reads a server's logs for an incident. */
import { READ_LOGS, type ReadLogsParameters } from '../../functions/incidents/contract/read-logs.ts';
import { type DocumentContent, type DocumentParameter, documentOf, NUMBER, pythonStep, variable } from './document-content.ts';

/** Above the script's own limits: twice 10 s of reading and of the journal, twice 3 s of the store, three requests of 2 s. */
const TIMEOUT_SECONDS = 90;

const parameters: Record<keyof ReadLogsParameters, DocumentParameter> = {
  hashKey: variable("Key of the incident's hashes, in hex.", '^[0-9a-f]{64}$'),
  fromMs: variable('Begin of what is counted; milliseconds since the epoch.', NUMBER),
  toMs: variable('End of what is counted; milliseconds since the epoch.', NUMBER),
};

export const readLogsContent = (): DocumentContent =>
  documentOf(
    "Holdfast: reads the server's logs for an incident, and returns counts and keyed hashes. Changes nothing.",
    parameters,
    pythonStep(READ_LOGS.step, TIMEOUT_SECONDS, 'read_logs'),
  );
