/** Which causes were tested where none explains the trouble, and what speaks against each. Pure. */
import { capital } from '../../shared/capital.ts';
import { judgeRow } from '../classify/judge-row.ts';
import type { JudgedRow } from '../classify/row.ts';
import { ROWS } from '../classify/table.ts';
import type { Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { CAUSE_NAMES } from './cause-names.ts';
import type { Line } from './incident-page.ts';
import { plain } from './plain.ts';

/** Causes that the same fact speaks against are one line; lines with the most causes come first. */
export function testedCauses(evidence: Evidence, runbook: Runbook): readonly Line[] {
  const out = ROWS.filter((row) => row.runbook === runbook || row.alsoFor === runbook)
    .map((row) => judgeRow(row, evidence))
    .flatMap((judged) => {
      const against = againstOf(judged);
      return against === undefined ? [] : [{ cause: judged.row.cause, ...against }];
    });
  return [...Map.groupBy(out, ({ text }) => text)]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([text, group]) => ({ text: capital(`${group.map(({ cause }) => CAUSE_NAMES[cause]).join('; ')}: ${shortened(plain(text))}`) }));
}

/** A line of a list; the evidence has all of it. */
const MOST_CHARACTERS = 160;
const shortened = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text);

/** What is firm before what a missing piece could change, and only what was looked at. */
function againstOf({ state, needs, refuters }: JudgedRow): { readonly text: string } | undefined {
  if (state !== 'out') return undefined;
  const against = [...needs.filter(({ truth }) => truth === false), ...refuters.filter(({ truth }) => truth === true)];
  return against.find(({ firm }) => firm) ?? against[0];
}
