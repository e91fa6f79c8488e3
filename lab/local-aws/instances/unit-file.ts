/**
 * The part of systemd's unit files that a simple service uses.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 */

export interface ServiceUnit {
  readonly description: string;
  /** Paths that must exist, or with `!` in front must not, or the start is skipped. */
  readonly conditionPaths: readonly string[];
  /** Units that each start of this one starts too. */
  readonly wants: readonly string[];
  /** Like `wants`; if such a unit is also in `after`, its failure keeps this one from starting. */
  readonly requires: readonly string[];
  /** Units whose start is waited for. */
  readonly after: readonly string[];
  /** Type=oneshot: started once its program has ended. */
  readonly oneShot: boolean;
  /** A one-shot stays active after its program. */
  readonly remainAfterExit: boolean;
  /** Runs as a user other than root. */
  readonly unprivileged: boolean;
  /** IPAddressDeny= covers the instance metadata service. */
  readonly deniesMetadata: boolean;
  readonly execStart: ExecLine;
  readonly execStartPre: readonly ExecLine[];
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly workingDirectory?: string;
  readonly restart: 'no' | 'on-failure' | 'always';
  readonly restartMs: number;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly killSignal: NodeJS.Signals;
  /** Exit codes in addition to 0 that count as clean. */
  readonly successCodes: readonly number[];
  /** At most `burst` starts in `intervalMs`; no limit when the interval is 0. */
  readonly startLimit: { readonly burst: number; readonly intervalMs: number };
}

export interface ExecLine {
  readonly program: string;
  readonly args: readonly string[];
  /** `-` before the program: its failure does not count. */
  readonly mayFail: boolean;
}

/** A unit that this supervisor cannot run; the message names the line. */
export class UnitFileError extends Error {
  override readonly name = 'UnitFileError';
}

const UNITS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, sec: 1_000, ms: 1, m: 60_000, min: 60_000, h: 3_600_000 };

/** `90`, `1min 30s`, `500ms` in milliseconds. */
function span(text: string, fallbackMs: number): number {
  if (text === '') return fallbackMs;
  let total = 0;
  for (const part of text.matchAll(/([0-9.]+)\s*([a-z]*)\s*/g)) {
    const unit = UNITS[part[2] ?? ''];
    if (unit === undefined) throw new UnitFileError(`time span ${text}`);
    total += Number(part[1]) * unit;
  }
  return total;
}

const isTrue = (text: string): boolean => ['1', 'yes', 'true', 'on'].includes(text);

/** Address of the instance metadata service, with the prefixes and names of systemd that contain it and are in use. */
const METADATA = ['169.254.169.254', '169.254.169.254/32', '169.254.0.0/16', 'link-local', 'any', '0.0.0.0/0'];
const coversMetadata = (addresses: readonly string[]): boolean => addresses.some((address) => METADATA.includes(address));

/** Splits as systemd does: blanks separate, double and single quotes hold together, a backslash takes the next character. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)+))(?:\s+|$)/g)) {
    words.push((match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1'));
  }
  return words;
}

function execLine(line: string): ExecLine {
  const prefix = /^[@\-:+!]*/.exec(line)?.[0] ?? '';
  const [program, ...args] = splitWords(line.slice(prefix.length));
  if (program === undefined) throw new UnitFileError(`no program in ${line}`);
  return { program, args, mayFail: prefix.includes('-') };
}

/** Key → values in file order, with the section in the key: `Service.ExecStart`. An empty value resets the earlier ones. */
function readEntries(text: string): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  let section = '';
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const header = /^\[(.+)\]$/.exec(trimmed);
    if (header) {
      section = header[1] ?? '';
      continue;
    }
    const at = trimmed.indexOf('=');
    if (at < 1) throw new UnitFileError(`line ${trimmed}`);
    const key = `${section}.${trimmed.slice(0, at).trim()}`;
    const value = trimmed.slice(at + 1).trim();
    entries.set(key, value === '' ? [] : [...(entries.get(key) ?? []), value]);
  }
  return entries;
}

/** @throws UnitFileError for a unit without ExecStart, or one that asks for what is not emulated */
export function parseUnit(text: string): ServiceUnit {
  const entries = readEntries(text);
  const all = (key: string): string[] => entries.get(key) ?? [];
  const last = (key: string): string => all(key).at(-1) ?? '';
  const start = last('Service.ExecStart');
  if (start === '') throw new UnitFileError('the unit has no ExecStart');
  const type = last('Service.Type');
  if (!['', 'simple', 'exec', 'oneshot'].includes(type)) throw new UnitFileError(`Type=${type} is not emulated`);
  const restart = last('Service.Restart') || 'no';
  if (restart !== 'no' && restart !== 'on-failure' && restart !== 'always') throw new UnitFileError(`Restart=${restart} is not emulated`);
  if (type === 'oneshot' && all('Service.ExecStart').length > 1) throw new UnitFileError('a second ExecStart is not emulated');
  if (type === 'oneshot' && restart === 'always') throw new UnitFileError('Restart=always is not possible with Type=oneshot');
  const killSignal = last('Service.KillSignal') || 'SIGTERM';
  return {
    description: last('Unit.Description'),
    conditionPaths: all('Unit.ConditionPathExists'),
    wants: all('Unit.Wants').flatMap(splitWords),
    requires: all('Unit.Requires').flatMap(splitWords),
    after: all('Unit.After').flatMap(splitWords),
    oneShot: type === 'oneshot',
    remainAfterExit: isTrue(last('Service.RemainAfterExit')),
    unprivileged: !['', 'root', '0'].includes(last('Service.User')),
    deniesMetadata:
      coversMetadata(all('Service.IPAddressDeny').flatMap(splitWords)) &&
      !coversMetadata(all('Service.IPAddressAllow').flatMap(splitWords)),
    execStart: execLine(start),
    execStartPre: all('Service.ExecStartPre').map(execLine),
    environment: Object.fromEntries(
      all('Service.Environment')
        .flatMap(splitWords)
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
    environmentFiles: all('Service.EnvironmentFile').map((path) => ({ path: path.replace(/^-/, ''), optional: path.startsWith('-') })),
    ...(last('Service.WorkingDirectory') === '' ? {} : { workingDirectory: last('Service.WorkingDirectory') }),
    restart,
    restartMs: span(last('Service.RestartSec'), 100),
    startTimeoutMs: span(last('Service.TimeoutStartSec'), 90_000),
    stopTimeoutMs: span(last('Service.TimeoutStopSec'), 90_000),
    killSignal: killSignal as NodeJS.Signals,
    successCodes: splitWords(last('Service.SuccessExitStatus')).map(Number).filter(Number.isInteger),
    startLimit: { burst: Number(last('Unit.StartLimitBurst') || 5), intervalMs: span(last('Unit.StartLimitIntervalSec'), 10_000) },
  };
}

/** Reads an EnvironmentFile: `NAME=value` lines, comments, single or double quotes with backslashes. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (!match?.[1]) continue;
    const value = (match[2] ?? '').trim();
    const quoted = /^(["'])(.*)\1$/.exec(value);
    if (quoted?.[1] === "'") environment[match[1]] = quoted[2] ?? '';
    else environment[match[1]] = (quoted?.[2] ?? value).replace(/\\(.)/g, '$1');
  }
  return environment;
}
