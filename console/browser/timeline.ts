/** What each server went through in a deploy: a bar for each phase, and the colours' names. */
import type { DeployView } from '../deploys.ts';
import { createChart } from './charts.ts';
import { h, replace } from './dom.ts';
import { legend } from './legend.ts';
import { eitherColor } from './theme.ts';
import { partsOf, timelineHeight, timelineOption } from './timeline-option.ts';

export interface Timeline {
  readonly element: HTMLElement;
  update(deploy: DeployView | undefined): void;
  dispose(): void;
}

/** Hidden for a deploy that no server has gone through anything in. */
export function createTimeline(): Timeline {
  const chart = createChart('What each server went through');
  const names = h('div');
  const element = h('section', { 'aria-label': 'Timeline', class: 'widget timeline', hidden: true }, chart.element, names);
  return {
    element,
    update: (deploy) => {
      element.hidden = deploy === undefined || partsOf(deploy).length === 0;
      if (!deploy || element.hidden) return;
      chart.element.style.height = `${timelineHeight(deploy)}px`;
      chart.draw((theme) => timelineOption(deploy, theme));
      const phases = [...new Set(partsOf(deploy).map(([, , , phase]) => phase))];
      const entries = phases.map((name) => ({ name, color: eitherColor((theme) => theme.phases[name] ?? theme.faint) }));
      replace(names, legend('Colours of the phases', entries));
    },
    dispose: chart.dispose,
  };
}
