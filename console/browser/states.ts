/** States as a mark and a word: colour alone tells nobody. */
import { h } from './dom.ts';

export const STATE_WORDS: Readonly<Record<string, string>> = { INSUFFICIENT_DATA: 'no data' };

const TONES: Readonly<Record<string, string>> = {
  OK: 'ok',
  SUCCEEDED: 'ok',
  ALARM: 'bad',
  FAILED: 'bad',
  ABORTED: 'bad',
  TIMED_OUT: 'bad',
  RUNNING: 'busy',
};
const MARKS: Readonly<Record<string, string>> = { ok: '✓', bad: '!', busy: '▸', quiet: '–' };

export function stateBadge(state: string, words: string = STATE_WORDS[state] ?? state): HTMLElement {
  const tone = TONES[state] ?? 'quiet';
  return h('span', { class: `state ${tone}` }, h('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[tone]), ` ${words}`);
}
