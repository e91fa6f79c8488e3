/** Lines of a log without what differs from one machine and one run to the next. Pure. */

/** The frames of a trace are alike from here on. */
const MOST_LINES = 60;
const TIMES: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}(Z|[+-]\d\d:\d\d)/g, '2026-11-27T09:30:00.000$1'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/g, '2026-11-27 09:30:00,000'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+/g, '2026-11-27 09:30:00.000'],
  [/\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d/g, '27-Nov-2026 09:30:00'],
];
const NUMBERS: readonly (readonly [RegExp, string])[] = [
  // A client's own port, the identity of an object, and the name of a generated class.
  [/(?<=127\.0\.0\.1:|localhost:)(?!6379\b)\d{5}\b/g, '40112'],
  [/(?<=@|0x)[0-9a-f]{6,16}\b/g, '7f1a2b3c'],
  [/\/\S*?(?=\/lib\/python3)/g, '/usr'],
];

/** @param folder where the program runs */
export function steadyLines(lines: readonly string[], folder: string): string[] {
  return lines.slice(0, MOST_LINES).map((line) => {
    let text = line.replaceAll(`file://${folder}`, 'file:///srv/app').replaceAll(folder, '/srv/app');
    for (const [from, to] of [...TIMES, ...NUMBERS]) text = text.replace(from, to);
    return text.trimEnd();
  });
}
