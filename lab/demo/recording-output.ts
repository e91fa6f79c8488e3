import type { Output } from '../../cli/output.ts';

/** What a command would print, kept: its result, as with --json. */
export function recordingOutput(): { readonly output: Output; readonly result: unknown } {
  let result: unknown;
  const output: Output = {
    json: true,
    at: () => {},
    print: () => {},
    progress: () => {},
    result: (value) => {
      result = value;
    },
    view: () => ({ show: () => {} }),
  };
  return {
    output,
    get result() {
      return result;
    },
  };
}
