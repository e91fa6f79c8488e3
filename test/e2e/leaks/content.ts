/** What a run wrote, piece by piece. */

/** Kinds of places; each is proved to be searched by a secret that the test plants in it. */
export const PLACES = [
  'DynamoDB',
  'S3',
  'CloudWatch Logs',
  'metrics and alarms',
  'Step Functions',
  'events',
  'Run Command',
  'functions',
  'stacks',
  'console',
  'CLI as text',
  'CLI as JSON',
  'run folder',
  'command lines',
] as const;
export type Place = (typeof PLACES)[number];

export interface Content {
  readonly place: Place;
  /** Which table, object, log group, command. Searched as well. */
  readonly name: string;
  readonly content: Uint8Array | string;
}

export type Contents = AsyncIterable<Content> | Iterable<Content>;
