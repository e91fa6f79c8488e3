/** Chart options of a gauge, bars and a pie, from the latest values. Pure. */
import type { EChartsCoreOption } from 'echarts/core';
import { shortNumber } from './format.ts';
import { colorOf, common, type Graph, latestOf } from './graph-option.ts';
import type { Theme } from './theme.ts';

export function gaugeOption(graph: Graph, theme: Theme): EChartsCoreOption {
  const [first] = graph.series;
  const { min = 0, max = 100 } = graph.axes.left;
  return {
    ...common(theme),
    series: [
      {
        type: 'gauge',
        min,
        max,
        radius: '95%',
        center: ['50%', '60%'],
        startAngle: 200,
        endAngle: -20,
        pointer: { show: false },
        progress: { show: true, width: 14, itemStyle: { color: first && colorOf(first, 0, theme) } },
        axisLine: { lineStyle: { width: 14, color: [[1, theme.line]] } },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: {
          color: theme.faint,
          fontSize: 10,
          distance: -24,
          formatter: (value: number) => (value === min || value === max ? shortNumber(value) : ''),
        },
        title: { color: theme.faint, fontSize: 12, offsetCenter: [0, '38%'] },
        detail: {
          color: theme.text,
          fontSize: 24,
          offsetCenter: [0, '5%'],
          formatter: (value: number) => (Number.isNaN(value) ? 'no data' : shortNumber(value)),
        },
        data: first ? [{ value: latestOf(first) ?? Number.NaN, name: first.label }] : [],
      },
    ],
  };
}

/** Bars or a pie. */
export function shareOption(graph: Graph, theme: Theme): EChartsCoreOption {
  const data = graph.series.map((series, index) => ({
    name: series.label,
    value: latestOf(series) ?? null,
    itemStyle: { color: colorOf(series, index, theme) },
  }));
  if (graph.view === 'pie') {
    return {
      ...common(theme),
      series: [
        {
          type: 'pie',
          radius: ['42%', '82%'],
          data,
          label: { position: 'inside', color: theme.panel, formatter: ({ percent }: { percent: number }) => `${Math.round(percent)} %` },
          itemStyle: { borderColor: theme.panel, borderWidth: 1 },
        },
      ],
    };
  }
  return {
    ...common(theme),
    grid: { left: 8, right: 40, top: 8, bottom: 6, containLabel: true },
    xAxis: { type: 'value', axisLabel: { color: theme.faint, formatter: shortNumber }, splitLine: { lineStyle: { color: theme.line } } },
    yAxis: {
      type: 'category',
      inverse: true,
      data: data.map(({ name }) => name),
      axisLabel: { color: theme.text },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        data,
        barMaxWidth: 22,
        label: {
          show: true,
          position: 'right',
          color: theme.text,
          formatter: ({ value }: { value: number | null }) => (value === null ? 'no data' : shortNumber(value)),
        },
      },
    ],
  };
}
