/** Unknown keys by shape, and what to configure for those that are sessions. Pure. */
import type { UnknownGrowth } from '../../functions/sweep/contract/record.ts';
import type { LearnedShape } from '../../functions/sweep/contract/tally.ts';
import { applicationPrefixOf, dialectOf } from '../../functions/sweep/keys/key-shape.ts';
import { familiesOf } from '../../functions/sweep/report/learned-shapes.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { ageText, table } from '../output.ts';

type Shown = Pick<SweepReport, 'shapes' | 'shapesWithTtl' | 'learns' | 'summary'>;

const count = (value: number): string => value.toLocaleString('en-US');

export const minuteOf = ({ sinceMs }: UnknownGrowth): string => `${new Date(sinceMs).toISOString().slice(0, 16)}Z`;

export function shapeLines(report: Shown): string[] {
  const { shapes, shapesWithTtl = [], learns = false, summary } = report;
  if (shapes === undefined || (shapes.length === 0 && !learns)) return [];
  const growth = summary.unknownGrowth;
  return [
    '',
    `unknown keys without TTL, by shape${growth ? `; grown since the full sweep of ${minuteOf(growth)}` : ''}`,
    shapes.length === 0 ? '  none' : persistentTable(shapes, learns, growth),
    ...(learns
      ? ['', 'unknown keys with a TTL, by shape', shapesWithTtl.length === 0 ? '  none' : expiringTable(shapesWithTtl)]
      : ['  sweep --learn prints what to set for those that are sessions']),
    ...(learns ? settingLines([...shapes, ...shapesWithTtl]) : []),
  ];
}

const resemblanceOf = ({ resembles }: LearnedShape): string =>
  resembles === undefined ? '' : `sessions of ${resembles} under another name`;

function persistentTable(shapes: readonly LearnedShape[], learns: boolean, growth: UnknownGrowth | undefined): string {
  const row = (one: LearnedShape) => {
    const { shape, type, keys, recent, oldestIdleSeconds } = one;
    const grown = growth?.shapes.find((other) => other.shape === shape && other.type === type)?.grown;
    return [
      ...[`  ${shape}`, type, count(keys)],
      ...(growth ? [grown === undefined ? '' : `+${count(grown)}`] : []),
      // Without idle times, as those of a replica or with an LFU policy, no use is known.
      ...(oldestIdleSeconds === undefined ? ['', ''] : [count(recent), ageText(oldestIdleSeconds * 1000)]),
      ...(learns ? [resemblanceOf(one)] : []),
    ];
  };
  const head = ['  SHAPE', 'TYPE', 'KEYS', ...(growth ? ['GROWN'] : []), 'USED IN A DAY', 'UNUSED FOR', ...(learns ? ['RESEMBLES'] : [])];
  return table([head, ...shapes.map(row)]);
}

const expiringTable = (shapes: readonly LearnedShape[]): string =>
  table([
    ['  SHAPE', 'TYPE', 'KEYS', 'RESEMBLES'],
    ...shapes.map((one) => [`  ${one.shape}`, one.type, count(one.keys), resemblanceOf(one)]),
  ]);

/** A framework's sessions need its prefix alone, and keep their own life; others need a dialect. */
function settingLines(shapes: readonly LearnedShape[]): string[] {
  const prefixes = shapes.flatMap((one) => applicationPrefixOf(one) ?? []);
  const settings = prefixes.map(({ prefix, framework }) => `  ${JSON.stringify({ keyPrefix: prefix, framework })}`);
  const others = familiesOf(shapes.filter((one) => applicationPrefixOf(one) === undefined));
  const dialects = others.flatMap((one) => dialectOf(one) ?? []).map((one) => `  ${JSON.stringify(one)}`);
  return [
    ...(settings.length === 0
      ? []
      : ['', 'for those of your application, set in store.sessions (with fleets: in sessions of the fleet):', ...new Set(settings)]),
    ...(dialects.length === 0
      ? []
      : ['', 'for those that are sessions, add to sweep.dialects, with their life as idleSeconds (default: 1,800):', ...new Set(dialects)]),
  ];
}
