/** A section of the runbook: what an alarm means and what to do. */
import type { RunbookSection } from '../../runbook.ts';
import { get } from '../api.ts';
import { h, replace } from '../dom.ts';
import { createForeignContent } from '../foreign-content.ts';
import { poll, type View } from '../poll.ts';
import { safeMarkdown } from '../safe-html.ts';

const REFRESH_MS = 60_000;

export function runbookView(heading: string): View {
  const words = heading.replaceAll('-', ' ');
  const place = createForeignContent(`Runbook: ${heading}`);
  const variables = h('div', { class: 'reading' });
  const poller = poll(
    () => get<RunbookSection>(`runbook/${encodeURIComponent(heading)}`),
    ({ markdown, variables: lines }): undefined => {
      replace(variables, ...(lines === undefined ? [] : [setVariables(lines)]));
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
      variables,
      h('div', { class: 'panel reading' }, place.element),
    ),
    leave: poller.stop,
  };
}

const setVariables = (lines: string): HTMLElement =>
  h(
    'details',
    { 'data-key': 'variables' },
    h('summary', { 'data-key': 'variables-summary' }, 'The commands below have variables: set them first'),
    h('pre', { tabindex: 0, 'data-key': 'variables-lines' }, lines),
  );
