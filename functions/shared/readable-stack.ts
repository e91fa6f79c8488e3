import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A place in a bundle, in a line of a stack trace. */
const PLACE = /(\/[^\s()]+\/index\.js):(\d+):(\d+)/g;

/**
 * A stack trace whose places are in the source files, by the source map next to the bundle: minified code has one line.
 * The map is read here, when an error is unexpected. With `--enable-source-maps` Node would read each function's at its cold start.
 */
export function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!found || !('originalSource' in found)) return place;
    return `${found.originalSource.replace(/^file:\/\/.*?\/(?=functions\/|node_modules\/)/, '')}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

/** Undefined without a map: it only explains, and must not hide the error. */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
