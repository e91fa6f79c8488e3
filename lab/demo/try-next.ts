/** What to try in a local cloud that is up: the one list that `npm start` prints at its end and the console shows. */
import type { CloudState } from '../../cli/cloud-state.ts';
import { findReplaced } from '../../cli/deploy/rollback.ts';
import type { OpenCloud } from '../../cli/open-stores.ts';
import type { Step } from '../../console/next-steps.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { BAD_VERSION } from './bad-release/bad-release.ts';

export interface Tryable {
  /** The release that serves; undefined where no fleet is, or none does yet. */
  readonly current: string | undefined;
  /** What a rollback deploys; undefined where there is nothing, or where it would undo a rollback. */
  readonly previous: string | undefined;
  /** The bad release is published. */
  readonly bad: boolean;
}

/** Of a store that is watched alone. */
export const NO_FLEET: Tryable = { current: undefined, previous: undefined, bad: false };

const INCIDENTS = { href: '#/incidents', text: 'Incidents' };

/** Each command works as it is printed: without options it is for the local cloud's own fleet. Pure. */
export function tryNext({ current, previous, bad }: Tryable): readonly (Step & { readonly command: string })[] {
  const step = (text: string, words: string, link?: Step['link']) => ({ text, command: holdfast(words), ...(link && { link }) });
  return [
    ...(bad && current !== undefined && current !== BAD_VERSION
      ? [
          step(
            `A bad release, whose readiness path answers 503: its deploy stops at the first server, and puts ${current} back.`,
            `deploy ${BAD_VERSION}`,
          ),
        ]
      : []),
    ...(previous === undefined ? [] : [step(`A rollback, from ${current} to ${previous}.`, 'rollback')]),
    ...(current === undefined
      ? [step('What the store has now.', 'store'), step('The incident.', 'incidents', INCIDENTS)]
      : [
          step('A fault: every node of the store hangs.', 'fault inject store-down'),
          step('Its incident, which opens within three minutes.', 'incidents', INCIDENTS),
          step('Put the store back.', 'fault clear'),
        ]),
    step('What a sweep would repair. Nothing is changed.', 'sweep --dry-run'),
  ];
}

export async function readTryable(cloud: OpenCloud<'records'>): Promise<Tryable> {
  const [fleet, releases, replaced] = await Promise.all([
    cloud.records.getFleet(cloud.fleet),
    cloud.records.listReleases(cloud.fleet),
    findReplaced(cloud).catch(() => undefined),
  ]);
  return {
    current: fleet?.currentVersion,
    previous: replaced?.undoes ? undefined : replaced?.version,
    bad: releases.some(({ version }) => version === BAD_VERSION),
  };
}

/** As lines of a terminal. */
export const tryLines = (tryable: Tryable): string =>
  ['What to try, in another terminal in this folder:', ...tryNext(tryable).map(({ text, command }) => `  ${text}\n    ${command}`)].join(
    '\n',
  );

/** With where the application and the documentation are: for the console. */
export const consoleTries = ({ loadBalancerUrl }: Pick<CloudState, 'loadBalancerUrl'>, tryable: Tryable): readonly Step[] => [
  ...(loadBalancerUrl === undefined ? [] : [{ text: 'The application:', link: { href: loadBalancerUrl, text: loadBalancerUrl } }]),
  { text: 'Documentation:', link: { href: '#/docs/local-cloud', text: 'The local cloud' } },
  ...tryNext(tryable),
];
