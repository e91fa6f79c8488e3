/** What `releases publish` prints before its result. Pure. */
import { counted } from '../../functions/shared/counted.ts';
import { bytesText } from '../output.ts';
import type { ReleaseContent } from './package-release.ts';

/** What is in the archive: all of the folder, or of the archive that was given. */
export function contentLines({ files, bytes, largest }: ReleaseContent, archiveBytes: number): readonly string[] {
  const first = `${counted(files, 'file')}, ${bytesText(bytes)}, ${bytesText(archiveBytes)} as an archive; nothing was left out`;
  return [first, `largest: ${largest.map(({ name, sizeBytes }) => `${name} (${bytesText(sizeBytes)})`).join(', ')}`];
}

/** Below this, an upload is done before a first line would be read. */
const REPORTED_BYTES = 20_000_000;

/** @param everyMs between two lines: a log keeps them all */
export function uploadProgress(print: (line: string) => void, everyMs: number, now = performance.now.bind(performance)) {
  let printedMs = now();
  return (bytes: number, total: number): void => {
    if (total < REPORTED_BYTES || now() - printedMs < everyMs) return;
    printedMs = now();
    print(`uploaded ${bytesText(bytes)} of ${bytesText(total)} (${Math.floor((bytes / total) * 100)} %)`);
  };
}
