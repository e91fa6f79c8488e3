/** What a recorder of logs wrote: the lines of one format, of users without a fault and of users who lost their session. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogPattern } from '../../../functions/shared/app-contract.ts';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import type { Packages } from '../library.ts';
import type { LogFormat } from './log-server.ts';

export const SCENARIOS = ['healthy', 'flushed', 'stickinessOff', 'secretRotated'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface RecordedScenario {
  readonly users: number;
  /** Users who were logged out without wanting it. */
  readonly lost: number;
  /** Of each server that the users came to, in their order. */
  readonly logs: readonly (readonly string[])[];
  /** What is random in the lines, in fixed texts of equal length and alphabet. */
  readonly ids: readonly string[];
}

export interface LogRecording {
  readonly server: string;
  readonly version: string;
  readonly packages: Packages;
  /** What writes this file again. */
  readonly command: string;
  readonly locale: string;
  readonly origin: LogFormat['origin'];
  readonly cookie: string;
  readonly pattern: LogPattern;
  readonly scenarios: Readonly<Partial<Record<ScenarioName, RecordedScenario>>>;
}

export const LOGS_FOLDER = path.join(CHECKOUT, 'test/corpus/logs');
export const MAX_LOGS_BYTES = 2 * 1024 * 1024;
export const logFileOf = (name: string): string => path.join(LOGS_FOLDER, `${name}.json`);

/** Long texts that many lines have, as JSON has them: in the files each is its number, since a folder of recordings has a limit. */
const TEXTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Shop/3.1 (iPhone; iOS 19.1) CFNetwork/1568 Darwin/24.0',
  String.raw`\"logger\":\"http.log.access.log0\",\"msg\":\"handled request\",\"request\":{\"remote_ip\":\"127.0.0.1\",\"remote_port\":`,
  String.raw`\"query\":{},\"params\":{},\"headers\":{\"user-agent\":`,
];

export const textOf = (recording: LogRecording): string =>
  `${TEXTS.reduce((text, one, at) => text.replaceAll(one, `⟨${at}⟩`), JSON.stringify(recording)).replaceAll('","', '",\n"')}\n`;
const recordingOf = (text: string): LogRecording =>
  JSON.parse(TEXTS.reduce((whole, one, at) => whole.replaceAll(`⟨${at}⟩`, one), text)) as LogRecording;

/** Every recording, by the name of its format. */
export const readLogRecordings = (): ReadonlyMap<string, LogRecording> =>
  new Map(
    readdirSync(LOGS_FOLDER)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [file.slice(0, -5), recordingOf(readFileSync(path.join(LOGS_FOLDER, file), 'utf8'))]),
  );
