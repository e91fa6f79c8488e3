/** What to do next, the most urgent first. Pure. */
import { type Attention, alarmWords } from '../cli/installation/attention/attention-words.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import type { DeployView } from './deploys.ts';

export interface Step {
  readonly text: string;
  /** A page of the console, or the application's, and its name. */
  readonly link?: { readonly href: string; readonly text: string };
  readonly command?: string;
}

export interface Situation {
  readonly attention: Attention;
  readonly release: string | undefined;
  /** The newest that is published. */
  readonly published: string | undefined;
  readonly latest: DeployView | undefined;
  /** Sentence about servers with another release than the current one; undefined when there are none. */
  readonly mixed: string | undefined;
  /** The options of a command for this fleet: `--fleet web`. */
  readonly options: string;
}

export function nextSteps(situation: Situation): Step[] {
  return [...ofIncidents(situation), ...ofAlarms(situation), ...ofDeploy(situation), ...ofFleet(situation)];
}

const ofIncidents = ({ attention }: Situation): Step[] =>
  attention.incidents.map(({ incidentId, runbook, about, finding, state }) => ({
    text: `An incident of ${about} ${state === 'open' ? 'is open' : state} (runbook ${runbook}, finding ${finding}). Read what to do now.`,
    link: { href: `#/incidents/${incidentId}`, text: `Incident ${incidentId}` },
  }));

/** An alarm's runbook opens its incident, which says more than the alarm: the alarms are listed on their page anyway. */
const ofAlarms = ({ attention }: Situation): Step[] =>
  attention.incidents.length > 0
    ? []
    : attention.alarms.map(({ name, sentence, runbook }) => ({
        text: `${name} is in ALARM: ${sentence}.`,
        link: {
          href: runbook ? `#/runbook/${runbook.split('#')[1]}` : '#/alarms',
          text: runbook ? `What to do about ${alarmWords(runbook)}` : 'Alarms',
        },
      }));

function ofDeploy({ latest }: Situation): Step[] {
  if (!latest) return [];
  const link = { href: `#/deploys/${latest.deployId}`, text: `Deploy ${latest.release}` };
  if (latest.waiting !== undefined) return [{ text: 'A deploy waits for your decision: continue or reject it.', link }];
  if (latest.status === 'RUNNING') return [{ text: 'A deploy is under way. Follow it.', link }];
  if (latest.isLeftMixed) return [{ text: 'The last deploy failed and was not rolled back: resume it, or go back.', link }];
  if (latest.isOver) return [{ text: `The last deploy failed. ${latest.fleetState}. Read why it failed.`, link }];
  if (latest.status !== 'SUCCEEDED') return [{ text: 'The last deploy failed; no server kept its release. Read why.', link }];
  return latest.warnings?.length ? [{ text: 'The last deploy succeeded with warnings. Read them.', link }] : [];
}

function ofFleet({ release, published, latest, mixed, options }: Situation): Step[] {
  if (latest?.status === 'RUNNING') return [];
  if (published === undefined)
    return [
      {
        text: 'No release is published. Publish the first one: PATH is a folder with holdfast.app.json.',
        command: holdfast(`releases publish 1.0.0 PATH ${options}`),
      },
    ];
  if (release === undefined)
    return [{ text: `No release serves yet. Deploy ${published}.`, command: holdfast(`deploy ${published} ${options}`) }];
  if (mixed === undefined || latest?.isLeftMixed) return [];
  return [
    {
      text: `${mixed}. A deploy of ${release} brings it to the others, and skips those that have it.`,
      command: holdfast(`deploy ${release} ${options}`),
    },
  ];
}
