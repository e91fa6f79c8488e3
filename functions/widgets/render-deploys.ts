import { durationText } from '../shared/duration-text.ts';
import { outcomeText } from '../shared/outcome-text.ts';
import type { DeployRecord } from '../shared/record-types.ts';
import type { Viewer } from './contract.ts';
import { type Html, html, sentence, type Tone, table, toned } from './html.ts';
import { countText, timeText, zoneText } from './viewers-words.ts';

const tones: Readonly<Partial<Record<DeployRecord['status'], Tone>>> = { SUCCEEDED: 'well', RUNNING: 'busy' };

/** A row a deploy, as they come. Of one that runs, how long it has. */
export function renderDeploys(deploys: readonly DeployRecord[], viewer: Viewer, nowMs: number): Html {
  if (deploys.length === 0) return sentence(viewer, 'no deploy yet');
  const rows = deploys.map((deploy) => {
    const { deployId, from, to, requestedBy, startedAtMs, finishedAtMs = nowMs, status, error } = deploy;
    const outcome = toned(viewer, tones[status] ?? 'bad', outcomeText(deploy));
    return [
      timeText(viewer, startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      `${from} → ${to}`,
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
