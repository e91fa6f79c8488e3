/** A section of the runbook: what an alarm means and what to do; or a page of the documentation. */
import type { RunbookSection } from '../../runbook.ts';
import { get } from '../api.ts';
import { h } from '../dom.ts';
import { poll, type View } from '../poll.ts';
import { createForeignContent, safeMarkdown } from '../safe-html.ts';

const REFRESH_MS = 60_000;

export function runbookView(name: string, kind: 'runbook' | 'docs' = 'runbook'): View {
  const title = `${kind === 'docs' ? 'Documentation' : 'Runbook'}: ${name.replaceAll('-', ' ')}`;
  const place = createForeignContent(title);
  const poller = poll(
    () => get<RunbookSection>(`${kind}/${encodeURIComponent(name)}`),
    ({ markdown }): undefined => {
      place.show(safeMarkdown(markdown.replaceAll(/^##(#+ )/gm, '#$1')));
    },
    REFRESH_MS,
  );
  return {
    title,
    section: kind === 'docs' ? '' : 'alarms',
    element: h(
      'div',
      {},
      h('p', { class: 'crumb', hidden: kind === 'docs' }, h('a', { href: '#/alarms' }, '← All alarms')),
      h('div', { class: 'head' }, h('h1', {}, title)),
      h('div', { class: 'panel reading' }, place.element),
    ),
    leave: poller.stop,
  };
}
