/** The deployed dashboards. */
import { COLUMNS } from '../../dashboards/place-widgets.ts';
import type { DashboardView } from '../../dashboards/read-dashboard.ts';
import { get } from '../api.ts';
import { h, replace, setText } from '../dom.ts';
import { quiet } from '../elements.ts';
import { rangeText } from '../format.ts';
import { type Poller, poll, type View } from '../poll.ts';
import { createPanel, kindOf, type Panel } from '../widgets.ts';

const REFRESH_MS = 10_000;
const RANGES_MINUTES = [15, 60, 180];
const RANGE_KEY = 'holdfast-range';

/** Rows of tables alone are as high as these are: what a function returns can be one line. */
function rowHeights(widgets: DashboardView['widgets']): string[] {
  const rows = Math.max(0, ...widgets.map(({ place }) => place.y + place.height));
  return Array.from({ length: rows }, (_, row) => {
    const those = widgets.filter(({ place }) => place.y <= row && row < place.y + place.height);
    return those.every(({ content }) => content.kind === 'custom' || content.kind === 'text') ? 'auto' : 'minmax(2.6rem, auto)';
  });
}

export function dashboardsView(requested: string | undefined): View {
  const tabs = h('nav', { class: 'tabs', 'aria-label': 'Dashboards' });
  const heading = h('h1', {}, requested ?? 'Dashboards');
  const ranges = h('div', { class: 'ranges', role: 'group', 'aria-label': 'Time range' });
  const grid = h('div', { class: 'grid' });
  const ignored = h('p', { class: 'quiet', hidden: true });
  const element = h('div', {}, tabs, h('div', { class: 'head' }, heading, ranges), ignored, grid);
  let panels: Panel[] = [];
  let poller: Poller | undefined;
  let ownMinutes: number | undefined;
  let isChosen = sessionStorage.getItem(RANGE_KEY) !== null;
  let minutes = Number(sessionStorage.getItem(RANGE_KEY));

  const drawRanges = () => {
    const offered = [...new Set([...RANGES_MINUTES, ...(ownMinutes ? [ownMinutes] : []), minutes])].toSorted((a, b) => a - b);
    const choose = (value: number) => () => {
      minutes = value;
      isChosen = true;
      sessionStorage.setItem(RANGE_KEY, String(value));
      drawRanges();
      poller?.refresh();
    };
    const button = (value: number) =>
      h(
        'button',
        { type: 'button', 'aria-pressed': String(value === minutes), 'data-key': `range-${value}`, onclick: choose(value) },
        rangeText(value),
      );
    replace(ranges, ...offered.map(button));
  };
  const build = (dashboard: DashboardView) => {
    for (const panel of panels) panel.dispose();
    panels = dashboard.widgets.map((widget) => {
      const panel = createPanel(dashboard.name, widget, () => minutes);
      const { x, y, width, height } = widget.place;
      panel.element.style.gridColumn = `${x + 1} / span ${Math.min(width, COLUMNS - x)}`;
      panel.element.style.gridRow = `${y + 1} / span ${height}`;
      return panel;
    });
    grid.style.gridTemplateRows = rowHeights(dashboard.widgets).join(' ');
    grid.replaceChildren(...panels.map((panel) => panel.element));
  };
  const draw = (dashboard: DashboardView): undefined => {
    if (!isChosen) minutes = Math.round((dashboard.range.endMs - dashboard.range.startMs) / 60_000);
    if (ownMinutes !== dashboard.ownMinutes || ranges.childElementCount === 0) {
      ownMinutes = dashboard.ownMinutes;
      drawRanges();
    }
    ignored.hidden = dashboard.ignored.length === 0;
    setText(ignored, `Not supported by the console: ${dashboard.ignored.join(', ')}.`);
    const isChanged =
      panels.length !== dashboard.widgets.length || dashboard.widgets.some(({ content }, index) => panels[index]?.kind !== kindOf(content));
    if (isChanged) build(dashboard);
    dashboard.widgets.forEach(({ content }, index) => {
      panels[index]?.update(content, dashboard.range);
    });
    grid.dataset['drawn'] = dashboard.name;
    return undefined;
  };
  const list = poll(
    async () => (await get<{ names: string[] }>('dashboards')).names,
    (names) => {
      const shown = requested ?? names[0];
      const tab = (name: string) =>
        h('a', { href: `#/dashboards/${name}`, 'data-key': name, 'aria-current': name === shown && 'page' }, name);
      replace(tabs, ...names.map(tab));
      if (shown === undefined)
        replace(
          grid,
          quiet('No dashboards are deployed yet. Sessions, store, deploys and web tier will be drawn here once the stacks are deployed.'),
        );
      else if (!poller) {
        setText(heading, shown);
        poller = poll(
          () => get<DashboardView>(`dashboards/${encodeURIComponent(shown)}${isChosen ? `?minutes=${minutes}` : ''}`),
          draw,
          REFRESH_MS,
        );
      }
      return undefined;
    },
    30_000,
  );
  return {
    title: requested ?? 'Dashboards',
    section: 'dashboards',
    element,
    leave: () => {
      list.stop();
      poller?.stop();
      for (const panel of panels) panel.dispose();
    },
  };
}
