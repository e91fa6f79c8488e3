/** The phases of each server in a deploy, over time. */
import type { DeployView } from '../deploys.ts';
import { createChart } from './charts.ts';
import { h, replace } from './dom.ts';
import { legend } from './elements.ts';
import { eitherColor } from './theme.ts';
import { barsOf, phaseText, timelineHeight, timelineOption } from './timeline-option.ts';

export interface Timeline {
  readonly element: HTMLElement;
  update(deploy: DeployView | undefined): void;
  dispose(): void;
}

/** Hidden until the first server is in work. */
export function createTimeline(): Timeline {
  const chart = createChart('Phases of each server over time');
  const names = h('div');
  const element = h(
    'section',
    { 'aria-label': 'Timeline', class: 'widget timeline', hidden: true },
    h('h2', {}, 'Timeline (UTC)'),
    chart.element,
    names,
  );
  return {
    element,
    update: (deploy) => {
      element.hidden = deploy === undefined || barsOf(deploy).length === 0;
      if (!deploy || element.hidden) return;
      chart.element.style.height = `${timelineHeight(deploy)}px`;
      chart.draw((theme) => timelineOption(deploy, theme));
      const phases = [...new Set(barsOf(deploy).map(([, , , phase]) => phase))];
      const entries = phases.map((phase) => ({
        name: phaseText(phase),
        color: eitherColor((theme) => theme.phases[phase] ?? theme.faint),
      }));
      replace(names, legend('Legend of the timeline', entries));
    },
    dispose: chart.dispose,
  };
}
