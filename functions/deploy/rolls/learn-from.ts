import type { DeployRecord, Phase, TargetProgress } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';

/** What a deploy that succeeded took, in seconds. */
export interface Experience {
  readonly deployId: string;
  /** Mean time of a server in each phase. */
  readonly phases: Partial<Readonly<Record<Phase, number>>>;
  /** The sum of the phases: one server's roll. */
  readonly rollSeconds: number;
  /** What it took besides its rolls: checks before them, settling, promotion. */
  readonly otherSeconds: number;
}

/** @param latest newest first @returns of the newest deploy that rolled servers and succeeded; undefined without one */
export function learnFrom(latest: readonly DeployRecord[]): Experience | undefined {
  const record = latest.find((one) => one.status === 'SUCCEEDED' && one.restart === undefined && rolled(one).length > 0);
  if (record?.finishedAtMs === undefined) return undefined;
  const targets = rolled(record);
  const seconds: Partial<Record<Phase, number>> = {};
  for (const { phases = [], finishedAtMs } of targets) {
    const entered = phases.filter(({ phase }) => phase !== 'waiting' && phase !== 'done');
    entered.forEach(({ phase, startedAtMs }, index) => {
      const endedAtMs = entered[index + 1]?.startedAtMs ?? (finishedAtMs as number);
      seconds[phase] = (seconds[phase] ?? 0) + (endedAtMs - startedAtMs) / 1000 / targets.length;
    });
  }
  const begunAtMs = Math.min(...targets.map(({ startedAtMs = Number.POSITIVE_INFINITY }) => startedAtMs));
  const doneAtMs = Math.max(...targets.map(({ finishedAtMs = 0 }) => finishedAtMs));
  const otherMs = record.finishedAtMs - record.startedAtMs - (doneAtMs - begunAtMs);
  return {
    deployId: record.deployId,
    phases: seconds,
    rollSeconds: sumOf(Object.values(seconds)),
    otherSeconds: Math.max(0, otherMs / 1000),
  };
}

const rolled = ({ targets }: DeployRecord): readonly TargetProgress[] =>
  Object.values(targets).filter(({ phase, phases, startedAtMs, finishedAtMs }) =>
    [phase === 'done', phases !== undefined, startedAtMs !== undefined, finishedAtMs !== undefined].every(Boolean),
  );
