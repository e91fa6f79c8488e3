/** The tables of the incidents' runbook that are measured, and what makes judging them again and again quick. A table that is added is one entry. */

import { type Condition, GROUPS, type Judged, type Row } from '../../functions/incidents/classify/judged.ts';
import { ROWS, rowOf } from '../../functions/incidents/classify/rows.ts';
import { sharesOf } from '../../functions/incidents/classify/share.ts';
import type { Cause } from '../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { Step } from '../../functions/incidents/report/incident-page.ts';
import type { Cell } from '../../functions/incidents/trouble/channels.ts';
import type { Table } from './elements.ts';

const LISTS_OF_CONDITIONS = ['needs', 'not'] as const;

export const TABLES: readonly Table[] = [
  {
    ...{ name: 'rows', rows: ROWS, nameOf: ({ cause }: Row) => cause },
    // Others are named next to a cause at the most.
    concerns: ({ runbook, alsoFor }: Row, ran) => runbook === ran || alsoFor === ran,
    fields: [...LISTS_OF_CONDITIONS, 'yieldsTo', 'explains.in', 'explains.covers', 'explains.time'],
  },
  // Channels that rows claim together.
  { name: 'groups', rows: [GROUPS], nameOf: () => 'of channels', fields: Object.keys(GROUPS), wholeRows: false },
];

/** What a page reads of the tables besides the finding: which part of the trouble the cause explains. */
export function readByPage(cause: Cause, evidence: Evidence): unknown {
  const row = rowOf(cause);
  return row && sharesOf(row, evidence);
}

/** A fact of some evidence is the same each time. @returns what has them found out anew again */
export function rememberFacts(): () => void {
  const back: (() => void)[] = [];
  const known = new Map<Condition['judge'], Condition['judge']>();
  for (const row of ROWS)
    for (const list of LISTS_OF_CONDITIONS)
      for (const condition of (row[list] ?? []) as readonly { judge: Condition['judge'] }[]) {
        const { judge: ask } = condition;
        const judge = known.get(ask) ?? remembered<Evidence, Judged>(ask);
        known.set(ask, judge).set(judge, judge);
        condition.judge = judge;
        back.push(() => Object.assign(condition, { judge: ask }));
      }
  for (const row of ROWS as readonly { explains: Row['explains'] }[]) {
    const { explains } = row;
    const { covers, time } = explains;
    if (covers === undefined && time === undefined) continue;
    back.push(() => Object.assign(row, { explains }));
    const ofCell = covers && rememberedCells(covers);
    row.explains = { ...explains, ...(time && { time: remembered(time) }), ...(ofCell && { covers: ofCell }) };
  }
  return () => {
    for (const one of back.toReversed()) one();
  };
}

function remembered<In extends object, Out>(ask: (given: In) => Out): (given: In) => Out {
  const known = new WeakMap<In, { readonly answer: Out }>();
  return (given) => {
    const found = known.get(given) ?? { answer: ask(given) };
    known.set(given, found);
    return found.answer;
  };
}

/** A cell is of one channel of one trouble. */
function rememberedCells(covers: NonNullable<Row['explains']['covers']>): NonNullable<Row['explains']['covers']> {
  const known = new WeakMap<Cell, { readonly isCovered: boolean | null }>();
  return (cell, evidence, channel) => {
    const found = known.get(cell) ?? { isCovered: covers(cell, evidence, channel) };
    known.set(cell, found);
    return found.isCovered;
  };
}

/** A step of a page: its first words, without what is of one case. It changes a case where it is the page's first. */
export const stepName = ({ act, text }: Step): string =>
  `step ${act}: ${text
    .replace(/^If \w+ at \d\d:\d\d UTC .*|^It was changed .*/, 'a change of CloudTrail')
    .replace(/\bi-[0-9a-f]+/g, 'i-…')
    .replace(/\d[\d:.]*/g, '…')
    .split(' ')
    .slice(0, 8)
    .join(' ')}`;
