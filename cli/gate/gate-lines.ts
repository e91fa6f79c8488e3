/** The last verdict of an installation's session gates as text. Pure. */
import type { GateRecord } from '../../functions/gate/contract.ts';
import { durationText } from '../../functions/shared/texts.ts';

/** Of which deployment, and what was found. */
export function gateWords({ gate, deployment, reason, findings }: GateRecord): readonly string[] {
  const whose = deployment === undefined ? gate : `${gate}, ${deployment.split(':').at(-1)}`;
  return [whose, ...(reason === undefined ? [] : [reason]), ...findings.map(({ check, what }) => `${check}: ${what}`)];
}

/** What `status` shows; empty without one. @param gates latest first */
export const gateLines = ([last]: readonly GateRecord[], nowMs: number): readonly string[] => {
  if (last === undefined) return [];
  const [whose, ...more] = gateWords(last);
  const ago = durationText(Math.max(0, nowMs - last.endedAtMs));
  return [`session gate  ${last.verdict}, ${ago} ago, ${whose}`, ...more.map((line) => `  ${line}`)];
};
