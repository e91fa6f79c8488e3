/** The endpoints, processes and files of the local cloud, and commands to use it. */

import { get } from '../../../console/browser/api.ts';
import { h, replace } from '../../../console/browser/dom.ts';
import { facts, folded, quiet, table } from '../../../console/browser/elements.ts';
import { poll, type View } from '../../../console/browser/poll.ts';
import type { FleetView } from '../../../console/deploys.ts';
import { type CloudView, nextVersion } from './cloud-page.ts';

const REFRESH_MS = 3_000;

export function cloudView(): View {
  const body = h('div');
  const poller = poll(
    // The page is there before the stacks and their records are.
    () => Promise.all([get<CloudView>('cloud'), get<FleetView>('deploys').catch(() => undefined)]),
    ([cloud, fleet]): undefined => void replace(body, ...parts(cloud, versionOf(fleet))),
    REFRESH_MS,
  );
  return { title: 'Local cloud', section: 'cloud', element: h('div', {}, body), leave: poller.stop };
}

const versionOf = (fleet: FleetView | undefined): string =>
  fleet === undefined ? 'VERSION' : nextVersion(fleet.releases.map(({ version }) => version));

const parts = ({ account, region, fleet, places, tables, commands, notEmulated }: CloudView, version: string): Node[] => [
  h('div', { class: 'head' }, h('h1', {}, 'Local cloud')),
  h('p', { class: 'faint' }, `Account ${account}, ${region}, fleet ${fleet}. Everything listens on the loopback interface only.`),
  h('h2', {}, 'Endpoints and files'),
  facts(
    places.map(({ name, text, link }) => [
      name,
      link
        ? h(
            'span',
            {},
            h('a', { href: link, target: '_blank', rel: 'noopener noreferrer', 'data-key': name }, link),
            text.slice(link.length),
          )
        : text,
    ]),
    'panel',
  ),
  ...tables.flatMap(({ title, head, rows, ifEmpty }) => [
    h('h2', {}, title),
    rows.length === 0 ? quiet(ifEmpty) : table(title, title, head, rows),
  ]),
  ...commands.flatMap(({ title, lines }) => [
    h('h2', {}, title),
    h('pre', { tabindex: 0, 'data-key': title }, lines.join('\n').replaceAll('VERSION', version)),
  ]),
  h('h2', {}, 'Not emulated'),
  ...notEmulated.map(({ name, lines }) => folded(`not-${name}`, name, h('ul', {}, ...lines.map((line) => h('li', {}, line))))),
];
