import { describe, expect, it } from 'vitest';
import { terminalView } from '../../cli/deploy/progress-view.ts';
import { columnsOf, wrapLine } from '../../cli/wrap-line.ts';
import { deployRecord } from './deploy/deploy-record.ts';

const WARNING =
  'Release 1.1.0 sets the cookie SID without the attribute Secure, which 1.0.0 set, so that users are logged out by the browser that follows.';
const words = (text: string) => text.replaceAll(/\s/g, '');
const target = { phase: 'draining', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, executionName: 'e' } as const;
const record = () => deployRecord({ status: 'RUNNING', stage: 'rolling', warnings: [WARNING], targets: { 'i-1': target } });

describe('a line that is wider than the terminal', () => {
  it.each([
    ['is broken between words', '  i-1  waiting for it', 16, ['  i-1  waiting', '   for it']],
    ['keeps its words where they fit', 'a b  c', 80, ['a b  c']],
    ['is broken within a word that is wider', 'see arn:aws:states:us', 12, ['see', '  arn:aws:s', '  tates:us']],
    ['of another script is broken by its width', '接続が失われました', 11, ['接続が失わ', '  れました']],
    ['is not broken within an emoji', '🚀🚀🚀🚀🚀🚀', 11, ['🚀🚀🚀🚀🚀', '  🚀']],
    ['is that of a usual terminal where the width is unknown', 'x'.repeat(100), 0, ['x'.repeat(79), `  ${'x'.repeat(21)}`]],
    ['of nothing is one row', '', 80, ['']],
  ])('%s', (_, text, columns, rows) => {
    expect(wrapLine(text, columns)).toEqual(rows);
  });

  it.each([20, 40, 80, 81, 200])('loses nothing at %i columns, and no row is wider', (columns) => {
    for (const text of [WARNING, `  i-0123456789abcdef0  failed: ${WARNING} 接続 é́ 👍🏽`, 'y'.repeat(500)]) {
      const rows = wrapLine(text, columns);
      expect(words(rows.join(''))).toBe(words(text));
      expect(Math.max(...rows.map(columnsOf))).toBeLessThan(columns);
    }
  });
});

describe('a deploy that is followed on a terminal', () => {
  /** A terminal breaks the rows that it shows anew when it becomes narrower. */
  it('goes up by the rows that the terminal shows, also after it became narrower', () => {
    const written: string[] = [];
    const terminal = { columns: 80, rows: 24, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
    const view = terminalView(terminal);
    view.show(record(), 1_000);
    view.show(record(), 2_000);
    expect(written.at(-1)?.slice(1, 4)).toBe('[4A');
    terminal.columns = 40;
    view.show(record(), 3_000);
    expect(written.at(-1)?.slice(1, 4)).toBe('[6A');
  });
});
