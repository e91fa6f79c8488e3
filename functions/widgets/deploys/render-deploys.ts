import { outcomeText, releaseText } from '../../records/outcome-text.ts';
import type { DeployRecord } from '../../records/types.ts';
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

/** `3 done, 1 skipped`, in the order of the plan. */
function targetsText({ targets }: DeployRecord, viewer: Viewer): string {
  const phases = Object.values(targets)
    .toSorted((a, b) => a.order - b.order)
    .map(({ phase }) => phase);
  return [...new Set(phases)].map((phase) => `${countText(viewer, phases.filter((one) => one === phase).length)} ${phase}`).join(', ');
}
