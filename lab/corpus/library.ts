/** A library whose keys are recorded: how it is installed and run, and, by hand from its source, what its keys are. */

/** Where a key's life is stated, if its TTL is lost. */
export type LifeFrom =
  /** The key's own value. */
  | 'value'
  /** Nowhere: the framework's default counts, since the key's last use. */
  | 'default'
  /** The value of another key, or the key's name. */
  | 'elsewhere'
  /** It has none: the application means it to stay. */
  | 'never';

/** What a kind of a library's keys is. Written from the library's source, before it is recorded. */
export interface Expectation {
  /** Matches the recorded name of each such key, and of no other key of the library. */
  readonly name: RegExp;
  readonly role: 'session' | 'companion' | 'structural' | 'foreign';
  /** The dialect that a sweep should report; absent for foreign keys. */
  readonly dialect?: string;
  /** Absent for structural and foreign keys. `seconds`: what is left of it at once after the last use; several where sessions differ. */
  readonly life?: { readonly from: LifeFrom; readonly seconds: readonly number[] };
  /** The name has nothing of the framework's own, and the value neither: only a dialect that `sweep --learn` prints can recognise it. */
  readonly onlyByLearning?: boolean;
}

/** Packages by name and pinned version. */
export type Packages = Readonly<Record<string, string>>;

export interface Library {
  /** Of its recording. */
  readonly name: string;
  /** What writes the keys, as its users know it. */
  readonly library: string;
  readonly version: string;
  readonly kind: 'session' | 'foreign';
  readonly registry: 'npm' | 'pypi' | 'maven' | 'go' | 'crates' | 'debian' | 'source';
  readonly packages: Packages;
  /** Folder below programs/. @default its name */
  readonly program?: string;
  /** Words for the program, which several recordings can share. */
  readonly args?: readonly string[];
  /** In addition to those that every library has. */
  readonly times?: readonly string[];
  readonly keys: readonly Expectation[];
}

export const session = (dialect: string, name: RegExp, from: LifeFrom, ...seconds: readonly number[]): Expectation => ({
  name,
  role: 'session',
  dialect,
  life: { from, seconds },
});
export const companion = (dialect: string, name: RegExp, from: LifeFrom, ...seconds: readonly number[]): Expectation => ({
  ...session(dialect, name, from, ...seconds),
  role: 'companion',
});
export const structural = (dialect: string, name: RegExp): Expectation => ({ name, role: 'structural', dialect });
export const foreign = (name: RegExp): Expectation => ({ name, role: 'foreign' });
