/** What each server went through in a deploy, side by side in time. Pure. */
import type { EChartsCoreOption } from 'echarts/core';
import type { DeployView } from '../deploys.ts';
import { common, tooltipLooks } from './chart-parts.ts';
import { clockTime } from './format.ts';
import type { Theme } from './theme.ts';

/** `[row, from, until, phase]` */
type Part = readonly [row: number, fromMs: number, untilMs: number, phase: string];

const ROW_PX = 34;
const HEAD_PX = 34;
/** What was over at once is seen all the same. */
const LEAST_PX = 3;

export const timelineHeight = ({ targets }: DeployView): number => HEAD_PX + Math.max(1, targets.length) * ROW_PX;

/** Waiting is no work, and what a server ends well in is no time: both are left out. */
export const partsOf = ({ targets }: Pick<DeployView, 'targets'>): Part[] =>
  targets.flatMap(({ timeline }, row) =>
    timeline
      .filter(({ phase, durationMs }) => phase !== 'waiting' && (durationMs !== undefined || phase === 'failed'))
      .map(({ phase, startedAtMs, durationMs = 0 }) => [row, startedAtMs, startedAtMs + durationMs, phase] as const),
  );

interface RenderApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): [number, number];
}

export function timelineOption(deploy: DeployView, theme: Theme): EChartsCoreOption {
  const colorOf = (phase: string) => theme.phases[phase] ?? theme.faint;
  const parts = partsOf(deploy);
  return {
    ...common(theme),
    grid: { left: 8, right: 16, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltipLooks(theme),
      formatter: ({ data }: { data: Part }) =>
        `${data[3]} ${((data[2] - data[1]) / 1000).toFixed(1)} s (${clockTime(data[1])} to ${clockTime(data[2])})`,
    },
    xAxis: {
      type: 'time',
      min: deploy.startedAtMs,
      max: Math.max(deploy.untilMs, deploy.startedAtMs + 1_000),
      axisLabel: { color: theme.faint, fontSize: 11, hideOverlap: true, formatter: (value: number) => clockTime(value) },
      splitLine: { show: true, lineStyle: { color: theme.line } },
      axisLine: { show: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: deploy.targets.map(({ instanceId }) => instanceId),
      axisLabel: { color: theme.text, fontSize: 12 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
    },
    series: [
      {
        type: 'custom',
        data: parts,
        encode: { x: [1, 2], y: 0 },
        renderItem: (_params: unknown, api: RenderApi) => {
          const [x, y] = api.coord([api.value(1), api.value(0)]);
          const [until] = api.coord([api.value(2), api.value(0)]);
          const phase = parts.find((part) => part[0] === api.value(0) && part[1] === api.value(1) && part[2] === api.value(2))?.[3] ?? '';
          const height = ROW_PX * 0.5;
          return {
            type: 'rect',
            shape: { x, y: y - height / 2, width: Math.max(LEAST_PX, until - x), height, r: 1 },
            style: { fill: colorOf(phase) },
          };
        },
      },
    ],
  };
}
