/** A server whose access logs are recorded: how it is installed and started, and the formats that it writes at the same time. */
import type { LogPattern } from '../../../functions/shared/app-contract.ts';
import type { Packages } from '../library.ts';

export interface LogFormat {
  /** Of its recording, and of the file that the server writes. */
  readonly name: string;
  /** As the server's own configuration has it. */
  readonly written: string;
  /** As a contract names it. @default as it is written */
  readonly pattern?: LogPattern;
  /** Where its form comes from, as users know it. */
  readonly origin: 'default' | 'its docs' | 'JSON' | 'own';
}

export interface LogServer {
  readonly name: string;
  readonly server: string;
  readonly version: string;
  readonly registry: 'npm' | 'pypi' | 'maven' | 'go' | 'debian';
  readonly packages: Packages;
  /** Folder below programs/; a proxy has the Node application behind it. */
  readonly program?: string;
  readonly cookie: string;
  /** Of the messages and dates. @default en */
  readonly locale?: 'de';
  readonly formats: readonly LogFormat[];
  /** Faults that it can have, besides a store that is emptied and a fleet without stickiness. */
  readonly hasSecret?: boolean;
}
