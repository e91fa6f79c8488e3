/** Charts. Only the parts of the library that are used are bundled. */
import { BarChart, CustomChart, GaugeChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { h } from './dom.ts';
import { DARK, LIGHT, type Theme } from './theme.ts';

use([
  BarChart,
  CustomChart,
  GaugeChart,
  LineChart,
  PieChart,
  AriaComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

const isDark = matchMedia('(prefers-color-scheme: dark)');
export const theme = (): Theme => (isDark.matches ? DARK : LIGHT);

export interface Chart {
  readonly element: HTMLElement;
  draw(make: (theme: Theme) => EChartsCoreOption): void;
  dispose(): void;
}

/** A chart that fills its container and follows its size and the reader's color scheme. */
export function createChart(label: string, heightPx?: number): Chart {
  const canvas = h('div', { class: 'canvas', role: 'img', 'aria-label': label });
  const element = h('div', { class: 'chart' }, canvas);
  if (heightPx !== undefined) element.style.height = `${heightPx}px`;
  let chart: ReturnType<typeof init> | undefined;
  let latest: ((theme: Theme) => EChartsCoreOption) | undefined;
  const draw = () => {
    if (!latest || canvas.clientWidth === 0 || canvas.clientHeight === 0) return;
    chart ??= init(canvas);
    chart.setOption(latest(theme()), { notMerge: true });
  };
  const observer = new ResizeObserver(() => {
    if (chart) chart.resize();
    else draw();
  });
  observer.observe(canvas);
  isDark.addEventListener('change', draw);
  return {
    element,
    draw: (make) => {
      latest = make;
      draw();
    },
    dispose: () => {
      observer.disconnect();
      isDark.removeEventListener('change', draw);
      chart?.dispose();
    },
  };
}
