/** `store --from-fleet`: whether the store works from the network of a fleet's servers. */
import { cannotSee, type Witnessed, witnessFunctionName, worksFromFleet } from '../../functions/incidents/contract/store-facts.ts';
import type { CloudOptions } from '../cloud.ts';
import { EXIT } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import { invokeLive } from '../invoke-live.ts';
import type { Output } from '../output.ts';

/** Above the function's own 15 s. */
const REQUEST_TIMEOUT_MS = 20_000;

/** @returns 0 where the store works from there, otherwise 1 @throws CommandFailure NoWitness, WitnessFailed */
export async function storeFromFleet(
  { fromFleet, ...options }: CloudOptions & { readonly fromFleet: string },
  output: Output,
): Promise<number> {
  const cloud = await connectToRead({ ...options, fleet: fromFleet });
  output.at(cloud);
  const witnessed = await invokeLive<Witnessed>(cloud, {
    functionName: witnessFunctionName(cloud.installation, cloud.fleet),
    request: { step: 'witness' },
    timeoutMs: REQUEST_TIMEOUT_MS,
    failed: 'WitnessFailed',
    missing: 'NoWitness',
    remedy:
      'A fleet has it where the security group of its servers is known: set existing.instanceSecurityGroupId, and run "npx --no cdk deploy --all".',
  });
  const works = worksFromFleet(witnessed);
  output.result({ ...witnessed, works, cannotSee: cannotSee(witnessed) }, () => renderWitnessed(witnessed));
  return works ? 0 : EXIT.failed;
}

const SAID: Readonly<Record<Witnessed['state'], string>> = {
  reached: 'the store works: a key was written, read and removed',
  slow: 'the store works, and answers after more than a second',
  full: 'the store is out of memory, and refuses writes',
  readOnly: 'the store answers, and refuses writes',
  refusedLogin: 'the store refuses the login',
  noConnections: 'the store takes no more connections',
  busy: 'the store runs a script, and answers nothing else',
  loading: 'the store is loading its data',
  unreachable: 'the store cannot be reached',
  unknown: 'it is not known whether the store works',
};

/** Pure. */
export function renderWitnessed(witnessed: Witnessed): string {
  const { fleet, state, unreachableReason, signInMs, tookMs, error, signIn } = witnessed;
  const why = unreachableReason === undefined ? '' : ` (${unreachableReason})`;
  const by = { iam: 'by IAM', password: "with the servers' secret", none: 'without a password' }[signIn];
  const times = signInMs === undefined ? `after ${tookMs} ms` : `signed in ${by} after ${signInMs} ms, all after ${tookMs} ms`;
  return [
    `From the network of fleet ${fleet}: ${SAID[state]}${why}; ${times}.`,
    ...(error === undefined ? [] : [`Error: ${error}`]),
    'It does not show:',
    ...cannotSee(witnessed).map((one) => `  - ${one}`),
  ].join('\n');
}
