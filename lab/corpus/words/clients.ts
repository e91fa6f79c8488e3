/** Programs whose errors are recorded: how each is installed and run, and in which category its errors belong. */
import type { Installable } from '../record/install.ts';
import type { Category, SituationName } from './situations.ts';

/** What writes errors of one kind into a log. */
export interface Client extends Installable {
  /** As its users know it. */
  readonly client: string;
  readonly version: string;
  /** Faults of a real store that it meets. @default none: its program brings about what it logs, and names each */
  readonly situations?: readonly SituationName[];
  /** Where an entry of its log begins, if its program cannot mark it. */
  readonly entry?: RegExp;
  /** The first lines of entries that do not name it: a database's look the same, and they are not counted. */
  readonly nameless?: RegExp;
  /** The category of all that its program names, or of each. */
  readonly named?: Category | Readonly<Record<string, Category>>;
}
