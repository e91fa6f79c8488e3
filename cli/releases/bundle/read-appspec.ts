import { posix } from 'node:path';
import { parseDocument, visit } from 'yaml';
import { BUNDLE_EVENTS, type Bundle, type BundleEvent, FILE_EXISTS } from '../../../functions/shared/app-contract.ts';
import { didYouMean } from '../../../functions/shared/did-you-mean.ts';
import { isRecord } from '../../../functions/shared/json.ts';
import { InvalidRelease } from '../release-errors.ts';

/** The agent's default, in seconds. */
const DEFAULT_TIMEOUT = '3600';
const MOST_TIMEOUT_SECONDS = 86_400;
/** No appspec needs as many; a bomb has more than all text of 64 KB could stand for. */
const MOST_ALIASES = 100;
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}[$]?$/;
const TYPES = ['file', 'directory'] as const;

/**
 * Reads an appspec as CodeDeploy's agent does, without what it leaves to its defaults. Keys that the agent ignores are ignored. Every value
 * is taken as it is written: `mode: 0644` is 0644, where the agent reads the octal number.
 * @throws InvalidRelease with one sentence that quotes the wrong key or value
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html
 */
export function readAppspec(bytes: Uint8Array, file: string): Bundle {
  const refuse = (problem: string) => new InvalidRelease(`${file}: ${problem}.`);
  const appspec = readYaml(bytes, refuse);
  if (!isRecord(appspec)) throw refuse('it has no keys: it needs at least "version: 0.0" and "os: linux"');
  const { version, os } = appspec;
  if (!/^0+([.]0+)?$/.test(String(version))) throw refuse(`"version" is ${quote(version)}: CodeDeploy knows 0.0 alone`);
  if (os !== 'linux') throw refuse(`"os" is ${quote(os)}: it must be linux, on which Holdfast's servers run`);

  const mapping = (value: unknown, at: string): Readonly<Record<string, unknown>> => {
    if (!isRecord(value)) throw refuse(`${at} is ${quote(value)}: it must have keys`);
    return value;
  };
  const list = (value: unknown, at: string): readonly unknown[] => {
    if (value !== undefined && value !== null && !Array.isArray(value))
      throw refuse(`${at} is ${quote(value)}: it must be a list, each line with "- "`);
    return (value as unknown[] | null | undefined) ?? [];
  };
  const optional = (value: unknown, at: string): string | undefined => {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw refuse(`${at} is ${quote(value)}: it must be a text`);
    return value.trim();
  };
  const needed = (value: unknown, at: string): string => {
    const text = optional(value, at);
    if (!text) throw refuse(`${at} is missing`);
    return text;
  };
  const account = (value: unknown, at: string): string | undefined => {
    const name = optional(value, at);
    if (name !== undefined && !ACCOUNT.test(name))
      throw refuse(`${at} is ${quote(name)}: it must be the name of an account on the servers`);
    return name;
  };
  const oneOf = <T extends string>(value: string | undefined, known: readonly T[], at: string): T => {
    if (!known.includes(value as T)) throw refuse(`${at} is ${quote(value)}: it must be ${known.join(' or ')}`);
    return value as T;
  };

  const files = list(appspec['files'], '"files"').map((each, index) => {
    const { source, destination } = mapping(each, `files[${index}]`);
    const target = needed(destination, `files[${index}].destination`);
    if (!target.startsWith('/'))
      throw refuse(`files[${index}].destination is ${quote(target)}: it must be an absolute path on the servers`);
    return { source: insideBundle(needed(source, `files[${index}].source`)), destination: withoutEnd(posix.normalize(target)) };
  });
  const permissions = list(appspec['permissions'], '"permissions"').map((each, index): Bundle['permissions'][number] => {
    const at = `permissions[${index}]`;
    const { object, pattern, except, type, owner, group, mode, ...rest } = mapping(each, at);
    for (const key of ['acls', 'context'])
      if (rest[key] !== undefined && rest[key] !== null)
        throw refuse(`${at} has "${key}", which Holdfast does not set: set it in a script of AfterInstall`);
    const digits = optional(mode, `${at}.mode`);
    if (digits !== undefined && !/^[0-7]{1,4}$/.test(digits))
      throw refuse(`${at}.mode is ${quote(digits)}: it must be one to four digits from 0 to 7, such as 644`);
    const texts = (value: unknown, key: string) => list(value, `${at}.${key}`).map((one, place) => needed(one, `${at}.${key}[${place}]`));
    return {
      object: withoutEnd(posix.normalize(needed(object, `${at}.object`))),
      pattern: optional(pattern, `${at}.pattern`),
      except: except ? texts(except, 'except') : undefined,
      type: type ? texts(type, 'type').map((one) => oneOf(one, TYPES, `${at}.type`)) : undefined,
      owner: account(owner, `${at}.owner`),
      group: account(group, `${at}.group`),
      mode: digits,
    };
  });
  const scriptsOf = (event: BundleEvent, scripts: unknown) =>
    list(scripts, `hooks.${event}`).map((each, index) => {
      const at = `hooks.${event}[${index}]`;
      const { location, timeout, runas } = mapping(each, at);
      const seconds = optional(timeout, `${at}.timeout`) ?? DEFAULT_TIMEOUT;
      if (!/^[0-9]+$/.test(seconds) || Number(seconds) < 1 || Number(seconds) > MOST_TIMEOUT_SECONDS)
        throw refuse(`${at}.timeout is ${quote(seconds)}: it must be whole seconds from 1 to ${MOST_TIMEOUT_SECONDS}`);
      const script = insideBundle(needed(location, `${at}.location`));
      return { location: script, timeout: Number(seconds), runas: account(runas, `${at}.runas`) };
    });
  const hooks = mapping(appspec['hooks'] ?? {}, '"hooks"');
  for (const event of Object.keys(hooks))
    if (!BUNDLE_EVENTS.some((known) => known === event))
      throw new InvalidRelease(
        `${file}: "hooks" has ${quote(event)}, which is no event with scripts on a server.${didYouMean(event, BUNDLE_EVENTS) || ' Remove it.'}`,
      );
  return {
    files,
    permissions,
    fileExists: oneOf(
      optional(appspec['file_exists_behavior'], '"file_exists_behavior"') ?? 'DISALLOW',
      FILE_EXISTS,
      '"file_exists_behavior"',
    ),
    hooks: Object.fromEntries(
      BUNDLE_EVENTS.map((event) => [event, scriptsOf(event, hooks[event])] as const).filter(([, scripts]) => scripts.length > 0),
    ),
  };
}

/** All scalars are the texts that are written; what is left empty, and null, is null. */
function readYaml(bytes: Uint8Array, refuse: (problem: string) => InvalidRelease): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('it is not UTF-8');
  }
  const document = parseDocument(text, { schema: 'failsafe', merge: true });
  // Like the agent, it reads the first document alone.
  const wrong = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (wrong?.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]*/.exec(text.slice(wrong.pos[0]))?.[0];
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

const withoutEnd = (path: string): string => path.replace(/(?<=.)\/$/, '');

/** A path in the bundle, with or without / at its beginning; `/` is the bundle itself. */
function insideBundle(path: string): string {
  const normal = withoutEnd(posix.normalize(path.replace(/^\/+/, '')));
  return normal === '.' ? '/' : normal;
}

/** Nested values can be endless. */
const quote = (value: unknown): string =>
  value === undefined || value === null
    ? 'missing'
    : typeof value === 'string'
      ? JSON.stringify(value.slice(0, 80))
      : Array.isArray(value)
        ? 'a list'
        : 'a mapping';
