/**
 * Times in recorded keys: a placeholder `⟨form+seconds⟩` stands for a time so long after the recording's start. Bytes are characters
 * (latin1), so that no byte of a value is the placeholder's bracket.
 */

export interface TimeForm {
  readonly pattern: RegExp;
  /** Milliseconds since the epoch. */
  read(match: RegExpExecArray): number;
  write(ms: number): string;
  /** Whole multiples of this alone: they count from the last one before the start. */
  readonly grainMs?: number;
}

const binary = (bytes: Buffer): string => bytes.toString('latin1');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const bigEndian = (value: bigint): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return binary(bytes);
};
const unsigned = (bytes: number, value: number): string => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return binary(buffer);
};
const double = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return binary(bytes);
};

/** A decimal time has this many digits until the year 2286. */
const decimal = (digits: number, unitMs: number): TimeForm => ({
  pattern: new RegExp(`(?<![\\d.])1\\d{${digits - 1}}(?![\\d])`),
  read: ([text]) => Number(text) * unitMs,
  write: (ms) => String(Math.floor(ms / unitMs)),
});

/** @param digits of a second @param end what follows them */
const iso = (between: string, digits: number, end: string): TimeForm => ({
  pattern: new RegExp(
    `20\\d\\d-\\d\\d-\\d\\d${between}\\d\\d:\\d\\d:\\d\\d${digits ? `\\.\\d{${digits}}` : ''}${end.replace('+', '\\+')}(?![\\d.:+Z-])`,
  ),
  read: ([text]) => Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`),
  write: (ms) => {
    const text = new Date(ms).toISOString();
    return `${text.slice(0, 10)}${between}${text.slice(11, 19)}${digits ? `.${text.slice(20, 23).padEnd(digits, '0')}` : ''}${end}`;
  },
});

/** A byte in a pattern. */
const ANY = String.raw`[\s\S]`;
const FIRST = String.raw`\x01`;

const YEAR_ONE_SECONDS = 62_135_596_800n;
const DAY_MS = 86_400_000;

/** Those that a library names in the table count for it alone: in short binary forms other bytes would be taken for a time. */
export const FORMS: Readonly<Record<string, TimeForm>> = {
  iso: iso('T', 3, 'Z'),
  'iso-6-zone': iso('T', 6, '+00:00'),
  'iso-6-z': iso('T', 6, 'Z'),
  'iso-6': iso('T', 6, ''),
  'iso-seconds-zone': iso('T', 0, '+00:00'),
  'iso-seconds-z': iso('T', 0, 'Z'),
  'sql-seconds': iso(' ', 0, ''),
  ms: decimal(13, 1),
  // Seconds with a fraction, as Python's and Ruby's clocks print them.
  'seconds-fraction': {
    pattern: /(?<![\d.])1(?:\d{9}\.\d{1,9}|\.\d{6,17}e\+0?9)(?!\d)/,
    read: ([text]) => Number(text) * 1000,
    write: (ms) => (ms / 1000).toFixed(3),
  },
  us: decimal(16, 0.001),
  'ms-minute': { ...decimal(13, 1), grainMs: 60_000 },
  // A score of BullMQ: the milliseconds, and twelve bits that keep jobs of one moment in order.
  'ms-4096': {
    pattern: /(?<!\d)[67]\d{15}(?!\d)/,
    read: ([text]) => Number(text) / 4_096,
    write: (ms) => String(Math.floor(ms) * 4_096),
  },
  ns: decimal(19, 0.000001),
  s: decimal(10, 1000),
  /** Of a java.lang.Long, and of DataOutput. */
  'java-long': {
    pattern: /\0\0[\s\S]{6}/,
    read: ([bytes]) => Number(bytesOf(bytes).readBigInt64BE()),
    write: (ms) => bigEndian(BigInt(Math.floor(ms))),
  },
  /** time.Time in Go's gob: version, seconds since the year 1, nanoseconds, offset −1 for UTC or 0. */
  'go-time': {
    pattern: new RegExp(`\\x01(\\0\\0\\0${ANY}{5})${ANY}{4}(?:\\xff\\xff|\\0\\0)`),
    read: ([, seconds = '']) => Number(bytesOf(seconds).readBigInt64BE() - YEAR_ONE_SECONDS) * 1000,
    write: (ms) => `\x01${bigEndian(BigInt(Math.floor(ms / 1000)) + YEAR_ONE_SECONDS)}\0\0\0\0\xff\xff`,
  },
  /** time::OffsetDateTime of Rust in MessagePack: year, day of the year, hour, minute, second, nanoseconds, offset. */
  'rust-msgpack': {
    pattern:
      /\x99\xcd([\s\S]{2})(\xcd[\s\S]{2}|\xcc[\s\S]|[\0-\x7f])([\s\S])([\s\S])([\s\S])(?:\xce[\s\S]{4}|\xcd[\s\S]{2}|\xcc[\s\S]|[\0-\x7f])\0\0\0/,
    read: ([, year = '', day = '', hour = '', minute = '', second = '']) => {
      const dayOfYear = bytesOf(day).readUIntBE(day.length === 1 ? 0 : 1, Math.max(1, day.length - 1));
      const midnight = Date.UTC(bytesOf(year).readUInt16BE(), 0, 1) + (dayOfYear - 1) * DAY_MS;
      return midnight + (hour.charCodeAt(0) * 3_600 + minute.charCodeAt(0) * 60 + second.charCodeAt(0)) * 1000;
    },
    write: (ms) => {
      const at = new Date(ms);
      const dayOfYear = Math.floor((ms - Date.UTC(at.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
      const day =
        dayOfYear < 128 ? unsigned(1, dayOfYear) : dayOfYear < 256 ? `\xcc${unsigned(1, dayOfYear)}` : `\xcd${unsigned(2, dayOfYear)}`;
      const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map((part) => unsigned(1, part)).join('');
      return `\x99\xcd${unsigned(2, at.getUTCFullYear())}${day}${clock}\xce\0\0\0\0\0\0\0`;
    },
  },
  /** A datetime in a pickle of Python: ten bytes after their number, of which the last three are microseconds. */
  'python-datetime': {
    pattern: new RegExp(`C\\n(\\x07${ANY}[\\x01-\\x0c][\\x01-\\x1f][\\0-\\x17][\\0-\\x3b][\\0-\\x3b])${ANY}{3}`),
    read([, text = '']) {
      const bytes = bytesOf(text);
      const [month = 1, day = 1, hour, minute, second] = bytes.subarray(2);
      return Date.UTC(bytes.readUInt16BE(), month - 1, day, hour, minute, second);
    },
    write(ms) {
      const at = new Date(ms);
      const clock = [at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
      return `C\n${unsigned(2, at.getUTCFullYear())}${binary(Buffer.from([...clock, 0, 0, 0]))}`;
    },
  },
  /** A float of Ruby's Marshal, in seconds: a text after its length, to which five are added. */
  'marshal-float': {
    pattern: new RegExp(`f${ANY}(1\\d{9}(?:\\.\\d+)?)`),
    read: ([, text]) => Number(text) * 1000,
    write: (ms) => `f${String.fromCharCode(14 + 5)}${(ms / 1000).toFixed(3)}`,
  },
  /** A float of pickle, in seconds. */
  'pickle-float': {
    pattern: /G(\x41[\s\S]{7})/,
    read: ([, bytes = '']) => bytesOf(bytes).readDoubleBE() * 1000,
    write: (ms) => `G${double(ms / 1000)}`,
  },
  /** An int of pickle, in seconds. */
  'pickle-int': {
    pattern: /J([\s\S]{4})/,
    read: ([, bytes = '']) => bytesOf(bytes).readInt32LE() * 1000,
    write: (ms) => `J${binary(bytesOf(unsigned(4, Math.floor(ms / 1000))).reverse())}`,
  },
  /** A float of MessagePack, in seconds. */
  'msgpack-float': {
    pattern: /\xcb(\x41[\s\S]{7})/,
    read: ([, bytes = '']) => bytesOf(bytes).readDoubleBE() * 1000,
    write: (ms) => `\xcb${double(ms / 1000)}`,
  },
  /** A long of Kryo, of variable length and with its sign last: six bytes for a time. */
  'kryo-long': {
    pattern: new RegExp(`[\\x80-\\xff]{5}[${FIRST}-\\x7f]`),
    read: ([bytes]) => Number(readVariable(bytes) >> 1n),
    write: (ms) => writeVariable(BigInt(Math.floor(ms)) << 1n),
  },
};

const readVariable = (bytes: string): bigint =>
  [...bytes].reduce((sum, byte, at) => sum | (BigInt(byte.charCodeAt(0) & 0x7f) << BigInt(7 * at)), 0n);
const writeVariable = (value: bigint): string =>
  value < 128n ? String.fromCharCode(Number(value)) : String.fromCharCode(Number(value & 127n) | 128) + writeVariable(value >> 7n);

const EVERY_LIBRARY = [
  'ms-minute',
  'iso',
  'iso-6-zone',
  'iso-6-z',
  'iso-6',
  'iso-seconds-zone',
  'iso-seconds-z',
  'sql-seconds',
  'ms',
  'seconds-fraction',
  'us',
  'ms-4096',
  'ns',
  's',
];
/** A program runs for less: times within one run have the same offset. */
const GRAIN_SECONDS = 60;
const EARLIEST_SECONDS = -300;
const LATEST_SECONDS = 400 * 86_400;

/** Replaces the times near `startMs` by placeholders. @param more names of forms besides those of every library */
export function timesOut(text: string, startMs: number, more: readonly string[] = []): string {
  return [...more, ...EVERY_LIBRARY].reduce((result, name) => {
    const form = FORMS[name];
    if (form === undefined) throw new TypeError(`There is no form of time "${name}": the forms are ${Object.keys(FORMS).join(', ')}.`);
    return replaceTimes(result, name, form, startMs);
  }, text);
}

const baseOf = ({ grainMs = 1 }: TimeForm, startMs: number): number => Math.floor(startMs / grainMs) * grainMs;

function replaceTimes(text: string, name: string, form: TimeForm, startMs: number): string {
  const pattern = new RegExp(form.pattern.source, 'g');
  let result = '';
  let from = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const ms = form.read(match);
    const seconds = (ms - baseOf(form, startMs)) / 1000;
    if ((form.grainMs && ms % form.grainMs !== 0) || !(seconds > EARLIEST_SECONDS && seconds < LATEST_SECONDS)) {
      // Binary forms overlap: the next one can begin at the next byte.
      pattern.lastIndex = match.index + 1;
      continue;
    }
    const offset = Math.round(seconds / GRAIN_SECONDS) * GRAIN_SECONDS;
    result += `${text.slice(from, match.index)}⟨${name}${offset < 0 ? '' : '+'}${offset}⟩`;
    from = match.index + match[0].length;
    pattern.lastIndex = from;
  }
  return result + text.slice(from);
}

/** Writes the times of a recorded text as if it were recorded at `startMs`. */
export const timesIn = (text: string, startMs: number): string =>
  text.replace(/⟨([\w-]+)([+-]\d+)⟩/g, (_, name: string, seconds: string) => {
    const form = FORMS[name] as TimeForm;
    return form.write(baseOf(form, startMs) + Number(seconds) * 1000);
  });
