import { holdfast } from '../../functions/shared/command-options.ts';
import { unfilledValues } from '../../infra/config/explain-issue.ts';
import { parseContent } from '../../infra/config.ts';
import type { Lookup } from '../doctor/lookup.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';
import { chooseZones } from './choose-zones.ts';
import { type InitOptions, initialConfig } from './initial-config.ts';
import { zonesOfAccount } from './read-zones.ts';
import { refuseTaken, takenInAccount } from './refuse-taken.ts';
import { type AppPlace, prepareApp } from './write-app.ts';

export interface InitPlace extends AppPlace {
  /** Looks up the zones of the caller's account in a Region. */
  readonly zonesOf?: (region: string) => Promise<Lookup<readonly string[]>>;
  /** Looks up whether a stack has resources there. */
  readonly isTaken?: (stack: string, region: string) => Promise<Lookup<boolean>>;
}

/**
 * Writes a CDK app with an installation of Holdfast into `folder`. A package.json that is there gets what it lacks; nothing is replaced.
 * @throws CommandFailure FileExists, InvalidPackage, InvalidOption, NoTarball, InstallationExists, NoZones; nothing is written then
 */
export async function init(
  options: InitOptions,
  output: Output,
  { zonesOf = zonesOfAccount, isTaken = takenInAccount, ...place }: InitPlace = {},
): Promise<void> {
  const { existing = false, installation } = options;
  const toWrite = initialConfig(options);
  // What is to be filled in is not valid yet; the rest is checked with a fleet that needs nothing.
  const checked = existing ? initialConfig({ ...options, existing: false, allowPlainHttp: true }) : toWrite;
  const { region, zones: byDefault } = parseContent(checked, 'the configuration to write');
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  const [notes, found] = await Promise.all([
    refuseTaken({ installation, region }, (stack) => isTaken(stack, region)),
    existing ? undefined : zonesOf(region),
  ]);
  const zones = found && chooseZones(region, byDefault, found);
  const written = await writeApp(initialConfig(options, zones?.written));
  const unfilled = unfilledValues(toWrite).map(({ path: key }) => key);
  output.result({ written, ...(zones && { zones: zones.found }), ...(existing && { unfilled }), notes }, () =>
    [
      `wrote ${written.join(', ')}`,
      ...(zones ? [zones.line] : []),
      ...notes,
      ...nextLines(unfilled),
      '      npx --no cdk synth --quiet',
      '      npx --no cdk bootstrap    (once per account and Region)',
      '      npx --no cdk deploy --all',
    ].join('\n'),
  );
}

/** A synthesis refuses what is not filled in. */
const nextLines = (unfilled: readonly string[]): readonly string[] =>
  unfilled.length === 0
    ? ['Next: npm install']
    : [
        'Next: fill in in holdfast.config.json',
        ...unfilled.map((key) => `        ${key}`),
        '      npm install',
        `      ${holdfast('config validate')}`,
      ];
