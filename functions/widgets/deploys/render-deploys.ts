import { outcomeText, phaseWords, releaseText } from '../../records/outcome-text.ts';
import type { DeployRecord } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { nounFor } from '../../shared/counted.ts';
import { durationText } from '../../shared/duration-text.ts';
import type { Viewer } from '../contract.ts';
import { countText, type Html, html, sentence, type Tone, table, timeText, toned, zoneText } from '../html.ts';

const tones: Readonly<Partial<Record<DeployRecord['status'], Tone>>> = { SUCCEEDED: 'good', RUNNING: 'busy' };

/** One row per deploy, in the given order. A running deploy shows its duration so far. */
export function renderDeploys(deploys: readonly DeployRecord[], viewer: Viewer, nowMs: number): Html {
  if (deploys.length === 0) return sentence(viewer, 'no deploy yet');
  const rows = deploys.map((deploy) => {
    const { deployId, requestedBy, startedAtMs, finishedAtMs = nowMs, status, error } = deploy;
    const outcome = toned(viewer, tones[status] ?? 'bad', outcomeText(deploy));
    return [
      timeText(viewer, startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      releaseText(deploy),
      error ? html`${outcome} ${error.Error}` : outcome,
      targetsText(deploy, viewer),
      requestedBy,
      toned(viewer, 'quiet', deployId),
    ];
  });
  return table(viewer, [`Started (${zoneText(viewer)})`, 'Took', 'Release', 'Outcome', 'Targets', 'By', 'Deploy'], rows);
}

/** `3 done, 1 waiting for its sessions (12 sessions left)`, in the order of the plan; sessions that were lost at the end. */
function targetsText({ targets, sessionsCutOff, status }: DeployRecord, viewer: Viewer): string {
  const inOrder = Object.values(targets).toSorted((a, b) => a.order - b.order);
  const sessions = (count: number, what: string) => `${countText(viewer, count)} ${nounFor(count, 'session')} ${what}`;
  const words = [...new Set(inOrder.map((target) => phaseWords(target, status)))].map((what) => {
    const those = inOrder.filter((target) => phaseWords(target, status) === what);
    const left = those.flatMap(({ sessionsLeft, phase }) => (phase === 'sessionDrain' ? (sessionsLeft ?? []) : []));
    const more = left.length === 0 ? '' : ` (${sessions(sumOf(left), 'left')})`;
    return `${countText(viewer, those.length)} ${what}${more}`;
  });
  return [...words, ...(sessionsCutOff ? [sessions(sessionsCutOff, 'cut off')] : [])].join(', ');
}
