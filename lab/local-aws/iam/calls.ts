/** The recorded calls: each (principal, action, resource) once, so that a cloud that runs for days does not fill the disk. */
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** File in a run's folder. */
export const CALLS_FILE = 'calls.ndjson';

export interface RecordedCall {
  /** ARN of the role or user whose policies decided; root's own. */
  readonly principal: string;
  /** `ssm:SendCommand` */
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

export interface Calls {
  record(call: RecordedCall): void;
  /** Every different call, in the order in which it was first made. */
  list(): readonly RecordedCall[];
}

/** @param file takes each different call as one line of JSON; without it they are kept in memory alone */
export function createCalls(file?: string): Calls {
  const calls = new Map<string, RecordedCall>();
  return {
    record({ principal, action, resource, allowed }) {
      const call = { principal, action, resource, allowed };
      const line = JSON.stringify(call);
      if (calls.has(line)) return;
      calls.set(line, call);
      if (file !== undefined) appendFileSync(file, `${line}\n`);
    },
    list: () => [...calls.values()],
  };
}

/** Every different call of a run. */
export function readCalls(runFolder: string): readonly RecordedCall[] {
  const lines = readFileSync(path.join(runFolder, CALLS_FILE), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as RecordedCall);
}
