/** The curves of the first page: the last hour, live. */
import type { CurvesView } from '../../curves.ts';
import { get } from '../api.ts';
import { h, setText } from '../dom.ts';
import { poll } from '../poll.ts';
import { createPanel, kindOf, type Panel } from '../widgets.ts';
import type { Part } from './incidents-view.ts';

const REFRESH_MS = 10_000;
const MINUTES = 60;

export function curvesPart(): Part {
  const none = h('p', { class: 'quiet', hidden: true });
  const grid = h('div', { class: 'curves' });
  let panels: Panel[] = [];
  const end = () => {
    for (const panel of panels) panel.dispose();
  };
  const poller = poll(
    () => get<CurvesView>('curves'),
    ({ curves, range, none: why }): undefined => {
      none.hidden = why === undefined;
      setText(none, why ?? '');
      if (curves.length !== panels.length || curves.some(({ content }, at) => kindOf(content) !== panels[at]?.kind)) {
        end();
        panels = curves.map((curve) => createPanel('', curve, () => MINUTES));
        grid.replaceChildren(...panels.map((panel) => panel.element));
      }
      for (const [at, { content }] of curves.entries()) panels[at]?.update(content, range);
    },
    REFRESH_MS,
  );
  return {
    element: h('section', { 'aria-label': 'The last hour' }, none, grid),
    stop: () => {
      poller.stop();
      end();
    },
  };
}
