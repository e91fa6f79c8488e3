/** Where everything of the local cloud is, and how to go on. */
import type { CloudView } from '../../describe-cloud.ts';
import { get } from '../api.ts';
import { h, replace, table } from '../dom.ts';
import { keepFresh } from '../live.ts';
import type { View } from './view.ts';

const REFRESH_MS = 3_000;

export function cloudView(): View {
  const body = h('div');
  const live = keepFresh(
    () => get<CloudView>('cloud'),
    (cloud): undefined => void replace(body, ...parts(cloud)),
    REFRESH_MS,
  );
  return { title: 'Local cloud', section: 'cloud', element: h('div', {}, body), leave: live.stop };
}

const parts = ({ account, region, fleet, places, tables, commands, notEmulated }: CloudView): Node[] => [
  h('h1', {}, 'Local cloud'),
  h('p', { class: 'faint' }, `Account ${account}, ${region}, fleet ${fleet}. Everything listens on loopback only.`),
  h('h2', {}, 'Where everything is'),
  h(
    'dl',
    { class: 'facts' },
    ...places.flatMap(({ name, text, link }) => [
      h('dt', {}, name),
      h(
        'dd',
        {},
        link ? h('a', { href: link, target: '_blank', rel: 'noopener noreferrer', 'data-key': name }, link) : null,
        link ? text.slice(link.length) : text,
      ),
    ]),
  ),
  ...tables.flatMap(({ title, head, rows, ifEmpty }) => [
    h('h2', {}, title),
    rows.length === 0 ? h('p', { class: 'quiet' }, ifEmpty) : table(title, title, head, rows),
  ]),
  ...commands.flatMap(({ title, lines }) => [h('h2', {}, title), h('pre', { tabindex: 0, 'data-key': title }, lines.join('\n'))]),
  h('h2', {}, 'What is not emulated'),
  ...notEmulated.map(({ name, lines }) =>
    h(
      'details',
      { 'data-key': `not-${name}` },
      h('summary', { 'data-key': `not-summary-${name}` }, name),
      h('ul', {}, ...lines.map((line) => h('li', {}, line))),
    ),
  ),
];
