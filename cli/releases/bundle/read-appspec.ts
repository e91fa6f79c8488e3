import { posix } from 'node:path';
import { parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { ACCOUNT, BUNDLE_EVENTS, type Bundle, type BundleEvent, FILE_EXISTS } from '../../../functions/shared/app-contract.ts';
import { didYouMean } from '../../../functions/shared/did-you-mean.ts';
import { InvalidRelease } from '../release-errors.ts';

/** The agent's default, in seconds. */
const DEFAULT_TIMEOUT = 3_600;
const MOST_TIMEOUT_SECONDS = 86_400;
/** No appspec needs as many; a bomb has more than all text of 64 KB could stand for. */
const MOST_ALIASES = 100;

const given = <T>(value: T): NonNullable<T> | undefined => value ?? undefined;
const text = z.string('it must be a text').trim().min(1, 'it must not be empty');
const matching = (pattern: RegExp, error: string) => text.regex(pattern, error).nullish().transform(given);
const account = matching(ACCOUNT, 'it must be the name of an account on the servers');
const list = <T extends z.ZodType>(of: T) => z.array(of, 'it must be a list, each line with "- "').nullish();
const withoutEnd = (path: string): string => posix.normalize(path).replace(/(?<=.)\/$/, '');
/** A path in the bundle, with or without / at its beginning; `/` is the bundle itself. */
const bundlePath = text.transform((path) => withoutEnd(path.replace(/^\/+/, '')).replace(/^\.$/, '/'));
const notSet = z.null('Holdfast does not set it: set it in a script of AfterInstall').optional().transform(given);
const WHOLE_SECONDS = `it must be whole seconds from 1 to ${MOST_TIMEOUT_SECONDS}`;

const script = z.object({
  location: bundlePath,
  timeout: text
    .refine((digits) => /^[0-9]+$/.test(digits) && Number(digits) > 0 && Number(digits) <= MOST_TIMEOUT_SECONDS, WHOLE_SECONDS)
    .transform(Number)
    .nullish(),
  runas: account,
});
const permission = z.object({
  object: text.transform(withoutEnd),
  pattern: text.nullish().transform(given),
  except: list(text).transform(given),
  type: list(z.enum(['file', 'directory'], 'it must be file or directory')).transform(given),
  owner: account,
  group: account,
  mode: matching(/^[0-7]{1,4}$/, 'it must be one to four digits from 0 to 7, such as 644'),
  acls: notSet,
  context: notSet,
});
const schema = z.object({
  version: z.string('CodeDeploy knows 0.0 alone').regex(/^0+([.]0+)?$/, 'CodeDeploy knows 0.0 alone'),
  os: z.literal('linux', "it must be linux, on which Holdfast's servers run"),
  files: list(
    z.object({
      source: bundlePath,
      destination: text.regex(/^\//, 'it must be an absolute path on the servers').transform(withoutEnd),
    }),
  ),
  permissions: list(permission),
  file_exists_behavior: z.enum(FILE_EXISTS, `it must be ${FILE_EXISTS.join(' or ')}`).nullish(),
  hooks: z.strictObject(Object.fromEntries(BUNDLE_EVENTS.map((event) => [event, list(script)]))).nullish(),
});

/**
 * Reads an appspec as CodeDeploy's agent does, without what it leaves to its defaults. Keys that the agent ignores are ignored. Every value
 * is taken as it is written: `mode: 0644` is 0644, where the agent reads the octal number.
 * @throws InvalidRelease with one sentence that quotes the wrong key or value
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html
 */
export function readAppspec(bytes: Uint8Array, file: string): Bundle {
  const parsed = schema.safeParse(readYaml(bytes, file), { reportInput: true });
  if (!parsed.success) throw new InvalidRelease(`${file}: ${explain(parsed.error.issues[0] as z.core.$ZodIssue)}`);
  const { files, permissions, file_exists_behavior: fileExists, hooks } = parsed.data;
  const scriptsOf = (event: BundleEvent) =>
    hooks?.[event]?.map(({ timeout, ...each }) => ({ ...each, timeout: timeout ?? DEFAULT_TIMEOUT })) ?? [];
  return {
    files: files ?? [],
    permissions: permissions ?? [],
    fileExists: fileExists ?? 'DISALLOW',
    hooks: Object.fromEntries(BUNDLE_EVENTS.map((event) => [event, scriptsOf(event)] as const).filter(([, { length }]) => length > 0)),
  };
}

function explain(issue: z.core.$ZodIssue): string {
  const { path, input, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const [event = ''] = issue.keys;
    return `hooks has ${quote(event)}, which is no event with scripts on a server.${didYouMean(event, BUNDLE_EVENTS) || ' Remove it.'}`;
  }
  const at = path.length === 0 ? 'it' : path.join('.');
  return `${at} is ${quote(input)}: ${message.startsWith('Invalid') ? 'it must have keys, such as "version: 0.0"' : message}.`;
}

/** All scalars are the texts that are written; what is left empty, and null, is null. */
function readYaml(bytes: Uint8Array, file: string): unknown {
  const refuse = (problem: string) => new InvalidRelease(`${file}: ${problem}.`);
  let written: string;
  try {
    written = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('it is not UTF-8');
  }
  const document = parseDocument(written, { schema: 'failsafe', merge: true });
  // Like the agent, it reads the first document alone.
  const wrong = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (wrong?.code === 'DUPLICATE_KEY') {
    const [key] = /^[^\s:]*/.exec(written.slice(wrong.pos[0])) ?? [];
    throw refuse(`the key ${quote(key)} is there twice (line ${wrong.linePos?.[0].line}), and CodeDeploy would take the last one alone`);
  }
  if (wrong) throw refuse(`it is not valid YAML: ${wrong.message.split('\n', 1)[0]?.replace(/[.:]+$/, '')}`);
  visit(document, {
    Scalar(_, node) {
      if (node.type === 'PLAIN' && /^(|~|null)$/i.test(String(node.value))) node.value = null;
    },
  });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw refuse(`it has aliases (*name) of no anchor, or of more than ${MOST_ALIASES} parts: write those parts out`);
  }
}

/** Nested values can be endless. */
const quote = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : Array.isArray(value) ? 'a list' : value ? 'a mapping' : 'missing';
