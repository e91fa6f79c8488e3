/** JSON that somebody else wrote. */

/** The value; undefined for a text that is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why a text is not valid JSON. The parser quotes what it did not expect, and this is not seen. */
export const jsonProblem = (text: string, error: unknown): string =>
  text.startsWith('\ufeff')
    ? 'it begins with a byte order mark (BOM), which editors do not show: save it as UTF-8 without one'
    : (error as Error).message;

/** Whether it is an object with fields: neither null nor a list. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
