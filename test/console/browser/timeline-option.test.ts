/** The timeline of servers that a deploy rolls at the same time. */
import { describe, expect, it } from 'vitest';
import { LIGHT } from '../../../console/browser/theme.ts';
import { barsOf, timelineHeight, timelineOption } from '../../../console/browser/timeline-option.ts';
import type { DeployView, TargetView } from '../../../console/deploys.ts';

const server = (instanceId: string, phases: TargetView['timeline']): TargetView => ({
  ...{ instanceId, release: '1 → 2', words: '' },
  timeline: phases,
});
/** Both drain in the same seconds; the second one installs while the first one has its readiness check. */
const TARGETS = [
  server('i-1', [
    { phase: 'draining', startedAtMs: 1_000, durationMs: 9_000 },
    { phase: 'checkingReadiness', startedAtMs: 10_000, durationMs: 10_000 },
  ]),
  server('i-2', [
    { phase: 'draining', startedAtMs: 1_000, durationMs: 9_000 },
    { phase: 'installing', startedAtMs: 10_000, durationMs: 10_000 },
  ]),
];
const DEPLOY: DeployView = {
  ...{ deployId: 'd1', from: '1', to: '2', release: '1 → 2', status: 'RUNNING', outcome: 'RUNNING, rolling' },
  ...{
    requestedBy: 'ann',
    startedAtMs: 0,
    duration: '20.0 s',
    isCleaningUp: false,
    isLeftMixed: false,
    isOver: false,
    untilMs: 20_000,
    targets: TARGETS,
  },
};
const ROW_PX = 34;

interface Drawn {
  readonly xAxis: { readonly min: number; readonly max: number };
  readonly yAxis: { readonly data: readonly string[]; readonly inverse: boolean };
  readonly series: readonly [{ readonly data: ReturnType<typeof barsOf>; readonly renderItem: (params: unknown, api: object) => Bar }];
}
interface Bar {
  readonly shape: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly style: { readonly fill: string };
}

/** Each bar as the chart library has it drawn where a millisecond is a hundredth of a pixel. */
function drawn(): readonly Bar[] {
  const [{ data, renderItem }] = (timelineOption(DEPLOY, LIGHT) as unknown as Drawn).series;
  return data.map((bar) =>
    renderItem(undefined, {
      value: (dimension: number) => bar[dimension],
      coord: ([ms, row]: readonly [number, number]) => [ms / 100, (row + 0.5) * ROW_PX],
    }),
  );
}

describe('two servers that are rolled at the same time', () => {
  it('have one row each, in which their phases keep their times', () => {
    expect(barsOf(DEPLOY)).toEqual([
      [0, 1_000, 10_000, 'draining'],
      [0, 10_000, 20_000, 'checkingReadiness'],
      [1, 1_000, 10_000, 'draining'],
      [1, 10_000, 20_000, 'installing'],
    ]);
    const { xAxis, yAxis } = timelineOption(DEPLOY, LIGHT) as unknown as Drawn;
    expect(yAxis).toMatchObject({ data: ['i-1', 'i-2'], inverse: true });
    expect(xAxis).toMatchObject({ min: 0, max: 20_000 });
  });

  it('are drawn one below the other, each phase in its own color though another one has the same times', () => {
    const bars = drawn();
    expect(bars.map(({ style }) => style.fill)).toEqual(
      ['draining', 'checkingReadiness', 'draining', 'installing'].map((phase) => LIGHT.phases[phase]),
    );
    expect(bars.map(({ shape: { x, width } }) => [x, width])).toEqual([
      [10, 90],
      [100, 100],
      [10, 90],
      [100, 100],
    ]);
    const [first, , second] = bars.map(({ shape: { y, height } }) => ({ top: y, bottom: y + height }));
    expect(second?.top).toBeGreaterThan(first?.bottom ?? 0);
  });

  it('have the height of two rows', () => {
    const [one] = TARGETS;
    expect(timelineHeight(DEPLOY) - timelineHeight({ ...DEPLOY, targets: one ? [one] : [] })).toBe(ROW_PX);
  });
});
