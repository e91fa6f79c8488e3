import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  APP_CONTRACT_FILE,
  type AppContract,
  appContract,
  LONGEST_CONTRACT_BYTES,
  probesOf,
  STATUS_PORT,
  toReadyPage,
} from '../../functions/shared/app-contract.ts';
import { didYouMean, knownKeys } from '../../functions/shared/did-you-mean.ts';
import { jsonProblem } from '../../functions/shared/json.ts';
import { asSentence } from '../failure.ts';
import { logPatternProblem } from './log-pattern-problem.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

type Issue = z.core.$ZodIssue;

/**
 * Reads and checks the contract at the root of `folder`.
 * @throws InvalidRelease with a sentence per mistake, which quotes the wrong key or value and the rule
 */
export async function readContract(folder: string): Promise<AppContract> {
  let text: string;
  try {
    const file = join(folder, APP_CONTRACT_FILE);
    // The file can be as large as a release.
    if ((await stat(file)).size > LONGEST_CONTRACT_BYTES) throw tooLong();
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof InvalidRelease) throw error;
    const deeper = await folderWithContract(folder);
    const hint = deeper === undefined ? '' : `, but ${JSON.stringify(deeper)} in it has one, so make the release of that folder's content`;
    throw new InvalidRelease(`Cannot read ${APP_CONTRACT_FILE} at the root of the release: ${reasonOf(error)}${hint}.`);
  }
  return parseContract(text);
}

const tooLong = () => new InvalidRelease(`${APP_CONTRACT_FILE} is longer than ${LONGEST_CONTRACT_BYTES} bytes, which is the limit.`);

/** A common mistake: the folder around the release. */
async function folderWithContract(folder: string): Promise<string | undefined> {
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await access(join(folder, name, APP_CONTRACT_FILE)).then(
      () => true,
      () => false,
    );
    if (found) return name;
  }
  return undefined;
}

/** Reads a contract as {@link readContract} does, from the file's text. */
export function parseContract(text: string): AppContract {
  if (Buffer.byteLength(text) > LONGEST_CONTRACT_BYTES) throw tooLong();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidRelease(`${APP_CONTRACT_FILE} is not valid JSON: ${jsonProblem(text, error)}.`);
  }
  const parsed = appContract.safeParse(value);
  const wrong = parsed.success
    ? [...wrongPatterns(parsed.data), ...wrongStatusPort(parsed.data), ...wrongAssets(parsed.data)]
    : parsed.error.issues.flatMap((issue) => explain(issue, value));
  // A union reports what several of its forms have in common once for each.
  const mistakes = [...new Set(wrong)];
  if (mistakes.length === 1) throw new InvalidRelease(`${APP_CONTRACT_FILE}: ${asSentence(mistakes[0] ?? '')}`);
  if (mistakes.length > 1)
    throw new InvalidRelease(
      `${APP_CONTRACT_FILE} has ${mistakes.length} mistakes:\n${mistakes.map((each) => `- ${asSentence(each)}`).join('\n')}`,
    );
  return parsed.data as AppContract;
}

/** What the schema does not check: a pattern must compile and have a group for the number. */
function wrongPatterns(app: AppContract): readonly string[] {
  const wrong: string[] = [];
  for (const [key, probe] of probesOf(app)) {
    if (!('pattern' in probe)) continue;
    const problem = patternProblem(probe.pattern);
    if (problem !== undefined) wrong.push(`${key}.pattern is ${quote(probe.pattern)}, ${problem}`);
  }
  const log = app.logs?.access?.pattern;
  const problem = typeof log === 'string' ? logPatternProblem(log) : undefined;
  if (problem !== undefined) wrong.push(`logs.access.pattern is ${quote(log)}, ${problem}`);
  return wrong;
}

/** Nor does it compare two keys. */
function wrongStatusPort(app: AppContract): readonly string[] {
  if (app.statusPort === app.port) return [`"statusPort" is ${app.port}, which is "port" as well: give it another number`];
  const asksThere = (port: unknown): boolean => port === STATUS_PORT;
  const ready = asksThere(toReadyPage(app.health).port) ? READY : undefined;
  const without = app.statusPort === undefined && (ready ?? probesOf(app).find(([, probe]) => asksThere(probe.port))?.[0]);
  return without ? [`${without}.port is "${STATUS_PORT}", but "statusPort" is missing: add it, a port that only probes use`] : [];
}

function wrongAssets({ assets = [] }: AppContract): readonly string[] {
  return assets.flatMap(({ path, folder }, index) => [
    ...(assets.findIndex((each) => each.path === path) < index
      ? [`"assets.${index}.path" is ${quote(path)}, which another folder has as well: give each folder a path of its own`]
      : []),
    ...(assets.some((each, other) => other !== index && `${folder}/`.startsWith(`${each.folder}/`))
      ? [`"assets.${index}.folder" is ${quote(folder)}, which is in another of these folders: name one of them`]
      : []),
  ]);
}

/** The mistakes that an issue stands for, in words. */
function explain(issue: Issue, root: unknown): readonly string[] {
  const key = issue.path.map(String).join('.');
  const at = valueAt(root, issue.path);
  if (issue.code === 'invalid_union') return explainUnion(issue, key, at, root);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((unknown) => {
      const meant = didYouMean(unknown, knownKeys(appContract, issue.path));
      return `unknown key ${quote([key, unknown].filter(Boolean).join('.'))}: remove it or correct its name${meant && `.${meant}`}`;
    });
  }
  if (at === undefined) return [`${quote(key)} is missing: ${rule(issue)}`];
  return [`${key === '' ? 'the whole' : quote(key)} is ${quote(at)}: ${rule(issue)}`];
}

const LOG_PATTERN = 'logs.access.pattern';
const TIMEOUT = 'session.timeoutSeconds';

function explainUnion(issue: UnionIssue, key: string, at: unknown, root: unknown): readonly string[] {
  if (key === LOG_PATTERN) return explainLogPattern(issue, at, root);
  return key === READY ? explainReady(issue, at, root) : explainProbe(issue, key, at, root);
}

type UnionIssue = Issue & { code: 'invalid_union' };

/** The issues of the form of a union that was meant, at their place in the contract. */
const ofForm = ({ errors, path }: UnionIssue, form: number): readonly Issue[] =>
  (errors[form] ?? []).map((inner) => ({ ...inner, path: [...path, ...inner.path] }));

const READY = 'health.ready';

function explainReady(issue: UnionIssue, at: unknown, root: unknown): readonly string[] {
  const inner = ofForm(issue, typeof at === 'object' ? 1 : 0);
  if (inner.some(({ code, path }) => code === 'invalid_type' && path.length === issue.path.length))
    return [`${quote(READY)} is ${at === undefined ? 'missing' : quote(at)}: it must be a path, or an object with "path"`];
  return inner.flatMap((each) => explain(each, root));
}

function explainLogPattern(issue: UnionIssue, at: unknown, root: unknown): readonly string[] {
  const isObject = typeof at === 'object' && at !== null && !Array.isArray(at);
  if (isObject) return ofForm(issue, 1).flatMap((each) => explain(each, root));
  return [`${quote(LOG_PATTERN)} is ${quote(at)}: it must be the log's format as its server has it, or an object with the names of fields`];
}

/** A probe has one of two shapes; the message is about the intended one. */
function explainProbe(issue: UnionIssue, key: string, at: unknown, root: unknown): readonly string[] {
  if (issue.path.at(-1) === 'port') return [`${quote(key)} is ${quote(at)}: it must be a port from 1 to 65535, or "${STATUS_PORT}"`];
  if (typeof at !== 'object' || at === null || Array.isArray(at)) {
    const number = key === TIMEOUT ? 'a whole number of seconds from 1 to 31536000, or ' : '';
    return [`${quote(key)} is ${quote(at)}: it must be ${number}an object with "path" and either "field" or "pattern"`];
  }
  const [field, pattern] = ['field' in at, 'pattern' in at];
  if (field && pattern) return [`${quote(key)} has both "field" and "pattern": give one of them`];
  if (!field && !pattern) return [`${quote(key)} has neither "field" nor "pattern": give one of them`];
  return ofForm(issue, field ? 0 : 1).flatMap((each) => explain(each, root));
}

function rule(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'number' ? `it must be at least ${issue.minimum}` : 'it must not be empty';
    case 'too_big':
      return `it must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_format':
      if (issue.path[0] === 'logs' && issue.path.at(-1) !== 'paths' && typeof issue.path.at(-1) === 'string')
        return issue.path.at(-2) === 'pattern'
          ? 'it must be a name of a field, with dots between objects'
          : 'it must be a path without spaces';
      if (issue.path[0] === 'assets') return `it ${issue.message}`;
      if (issue.path.at(-1) === 'cookie') return 'it must be the name of a cookie';
      if (issue.path.at(-1) === 'status') return 'it must be status codes from 200 to 499, such as "200,302" or "200-399"';
      if (issue.path.at(-1) === 'field') return 'it must be a name of letters, digits, dots, _ and -';
      return 'it must be a path that begins with / and has no spaces';
    default:
      return issue.message;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  string: 'a text',
  number: 'a number',
};
const article = (expected: string): string => NAMES[expected] ?? `of type ${expected}`;

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A value as JSON, short enough for one sentence. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Escapes with a letter that mean the same in JavaScript and in Python; for any other letter Python refuses the pattern. */
const SHARED_ESCAPES = 'bBdDsSwWfnrtvxu';

/**
 * What is wrong with a probe's pattern, as the end of a sentence; undefined for a right one. The pattern is compiled, but
 * never run: on the wrong text some patterns do not end.
 */
function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
  } catch {
    return 'which is not a regular expression';
  }
  const escapes = [...pattern.matchAll(/\\(.)/gs)].map(([, escaped = '']) => escaped);
  const unknown = escapes.find((escaped) => /[A-Za-z]/.test(escaped) && !SHARED_ESCAPES.includes(escaped));
  if (unknown !== undefined) return `whose \\${unknown} Python does not know`;
  const unescaped = pattern.replaceAll(/\\./gs, '');
  if (/\[\^?\]/.test(unescaped)) return 'whose empty brackets Python reads differently';
  const outsideBrackets = unescaped.replaceAll(/\[[^\]]*\]/g, '');
  if (/\(\?<(?![=!])/.test(outsideBrackets)) return 'whose named group Python does not know: use parentheses without a name';
  return /\((?!\?)/.test(outsideBrackets) ? undefined : 'which has no group: put the number in parentheses';
}
