import { describe, expect, it } from 'vitest';
import { contentLines, uploadProgress } from '../../../cli/releases/releases.ts';

describe('what is printed of a release that is published', () => {
  it('counts files and bytes and names the largest', () => {
    const largest = [
      { name: 'node_modules/a.node', sizeBytes: 3_000_000 },
      { name: 'server.mjs', sizeBytes: 812 },
    ];
    expect(contentLines({ files: 2, bytes: 3_000_812, largest, secrets: [] }, 1_100_000)).toEqual([
      '2 files, 3.0 MB, 1.1 MB as an archive; nothing was left out',
      'largest: node_modules/a.node (3.0 MB), server.mjs (812 B)',
    ]);
  });

  it('reports an upload above 20 MB at most once in the interval', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const sent = uploadProgress(
      (line) => lines.push(line),
      10_000,
      () => nowMs,
    );
    for (nowMs = 1_000; nowMs <= 25_000; nowMs += 1_000) sent(nowMs * 1_000, 30_000_000);
    expect(lines).toEqual(['uploaded 10.0 MB of 30.0 MB (33 %)', 'uploaded 20.0 MB of 30.0 MB (66 %)']);
  });

  it('reports nothing of a small upload', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const sent = uploadProgress(
      (line) => lines.push(line),
      2_000,
      () => nowMs,
    );
    nowMs = 60_000;
    sent(1_000, 19_999_999);
    expect(lines).toEqual([]);
  });
});
