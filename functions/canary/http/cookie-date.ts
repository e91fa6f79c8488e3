/** The end of a cookie, as browsers read it. @see https://www.rfc-editor.org/rfc/rfc6265#section-5.1.1 */

const LONGEST = 100;
/** What stands between the parts of a date: all but letters, digits and colons. */
const BETWEEN = /[\t -/;-@[-`{-~]+/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const PARTS = {
  time: /^(\d{1,2}:\d{1,2}:\d{1,2})(?!\d)/,
  day: /^(\d{1,2})(?!\d)/,
  month: /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i,
  year: /^(\d{2,4})(?!\d)/,
} as const;

/** @returns milliseconds since the epoch, in UTC whatever the text says; undefined for what is not a date */
export function cookieDate(text: string): number | undefined {
  const found = new Map<string, string>();
  for (const token of text.slice(0, LONGEST).split(BETWEEN)) {
    for (const [part, expression] of Object.entries(PARTS)) {
      const value = found.has(part) ? undefined : expression.exec(token)?.[1];
      if (value === undefined) continue;
      found.set(part, value);
      break;
    }
  }
  const [time, day, month, year] = Object.keys(PARTS).map((part) => found.get(part));
  if (time === undefined || day === undefined || month === undefined || year === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  const short = Number(year);
  const full = short + (short <= 69 ? 2_000 : short <= 99 ? 1_900 : 0);
  const date = new Date(Date.UTC(full, MONTHS.indexOf(month.toLowerCase()), Number(day), hours, minutes, seconds));
  const isWhole = date.getUTCDate() === Number(day) && hours < 24 && minutes < 60 && seconds < 60;
  return isWhole ? date.getTime() : undefined;
}
