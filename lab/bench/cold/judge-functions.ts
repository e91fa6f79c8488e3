export interface Measured {
  readonly name: string;
  readonly bytes: number;
  /** Median of several processes. */
  readonly importMs: number;
}

/** The largest total of one function's modules, minified: incidents-collect has the clients of the nine services that it reads. */
export const LARGEST_BYTES = 875_000;
/** On a core of its own: four to seven times as long at the 256 MB that functions have, which are 0.14 of a core. */
export const LONGEST_IMPORT_MS = 110;

/** What is over a limit, a sentence each. */
export function overLimits(functions: readonly Measured[]): string[] {
  return functions.flatMap(({ name, bytes, importMs }) => [
    ...(bytes > LARGEST_BYTES ? [`${name} has ${bytes} bytes of code, more than ${LARGEST_BYTES}`] : []),
    ...(importMs > LONGEST_IMPORT_MS ? [`${name} takes ${importMs} ms to import, more than ${LONGEST_IMPORT_MS}`] : []),
  ]);
}

export function tableOf(functions: readonly Measured[]): string {
  const width = Math.max(...functions.map(({ name }) => name.length));
  const line = (name: string, size: string, time: string) => `${name.padEnd(width)}  ${size.padStart(7)}  ${time.padStart(9)}\n`;
  const rows = functions.map(({ name, bytes, importMs }) => line(name, `${Math.round(bytes / 1000)} KB`, `${importMs.toFixed(1)} ms`));
  return line('function', 'code', 'import') + rows.join('');
}
