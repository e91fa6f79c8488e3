/** Chart options of a deploy's timeline: a row per server, a bar per phase. Pure. */
import type { EChartsCoreOption } from 'echarts/core';
import { clockText, durationText } from '../../functions/shared/texts.ts';
import type { DeployView } from '../deploys.ts';
import { rowsHeight, rowsOption } from './graph-option.ts';
import type { Theme } from './theme.ts';

type Bar = readonly [row: number, fromMs: number, untilMs: number, phase: string];

const BAR_PX = 20;
/** A phase that took no time is visible too. */
const MIN_BAR_PX = 3;
const LABEL_PX = 11;
/** Mean width of a label's characters. */
const CHARACTER_PX = 5.9;

export const phaseText = (phase: string): string => phase.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export const timelineHeight = ({ targets }: DeployView): number => rowsHeight(targets.length);

/** The phases that took time, and failures. */
export const barsOf = ({ targets }: Pick<DeployView, 'targets'>): Bar[] =>
  targets.flatMap(({ timeline }, row) =>
    timeline
      .filter(({ phase, durationMs }) => phase !== 'waiting' && (durationMs !== undefined || phase === 'failed'))
      .map(({ phase, startedAtMs, durationMs = 0 }) => [row, startedAtMs, startedAtMs + durationMs, phase] as const),
  );

export function timelineOption(deploy: DeployView, theme: Theme): EChartsCoreOption {
  const colorOf = (phase: string) => theme.phases[phase] ?? theme.faint;
  const bars = barsOf(deploy);
  return rowsOption(
    theme,
    {
      names: deploy.targets.map(({ instanceId }) => instanceId),
      fromMs: deploy.startedAtMs,
      untilMs: Math.max(deploy.untilMs, deploy.startedAtMs + 1_000),
      right: 28,
      timeText: clockText,
    },
    {
      data: bars,
      tooltip: {
        formatter: ({ data: [, fromMs, untilMs, phase] }: { data: Bar }) =>
          `${phaseText(phase)} ${durationText(untilMs - fromMs)} (${clockText(fromMs)} to ${clockText(untilMs)} UTC)`,
      },
      renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(1), api.value(0)]);
        const [until] = api.coord([api.value(2), api.value(0)]);
        const phase = bars.find((bar) => bar[0] === api.value(0) && bar[1] === api.value(1) && bar[2] === api.value(2))?.[3] ?? '';
        const width = Math.max(MIN_BAR_PX, until - x);
        return {
          type: 'rect',
          shape: { x, y: y - BAR_PX / 2, width, height: BAR_PX, r: 1 },
          style: { fill: colorOf(phase) },
          textContent: { style: { text: labelOf(phase, api.value(2) - api.value(1), width), fill: theme.panel, fontSize: LABEL_PX } },
          textConfig: { position: 'inside' },
        };
      },
    },
  );
}

/** The longest label that fits into a bar. */
export function labelOf(phase: string, durationMs: number, widthPx: number): string {
  const duration = durationText(durationMs);
  const labels = [`${phaseText(phase)} ${duration}`, duration, ''];
  return labels.find((label) => (label.length + 1) * CHARACTER_PX <= widthPx) ?? '';
}
