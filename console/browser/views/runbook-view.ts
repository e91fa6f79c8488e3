/** A section of the runbook: what an alarm means and what to do. */
import type { RunbookSection } from '../../runbook.ts';
import { get } from '../api.ts';
import { h } from '../dom.ts';
import { createForeignContent } from '../foreign-content.ts';
import { poll, type View } from '../poll.ts';
import { safeMarkdown } from '../safe-html.ts';

const REFRESH_MS = 60_000;

export function runbookView(heading: string): View {
  const words = heading.replaceAll('-', ' ');
  const place = createForeignContent(`Runbook: ${heading}`);
  const poller = poll(
    () => get<RunbookSection>(`runbook/${encodeURIComponent(heading)}`),
    ({ markdown }): undefined => {
      place.show(safeMarkdown(markdown.replaceAll(/^##(#+ )/gm, '#$1')));
    },
    REFRESH_MS,
  );
  return {
    title: `Runbook: ${words}`,
    section: 'alarms',
    element: h(
      'div',
      {},
      h('p', { class: 'crumb' }, h('a', { href: '#/alarms' }, '← All alarms')),
      h('div', { class: 'head' }, h('h1', {}, `Runbook: ${words}`)),
      h('div', { class: 'panel reading' }, place.element),
    ),
    leave: poller.stop,
  };
}
