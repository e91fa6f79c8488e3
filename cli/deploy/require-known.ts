/** Refuses a release or a server that the fleet does not have, before an execution starts: a slip of the pen is no failed deploy. */

import { isDenied } from '../aws-errors.ts';
import { commandFor } from '../command-options.ts';
import { CommandFailure, didYouMean, EXIT } from '../failure.ts';
import type { OpenCloud } from '../open-stores.ts';

type Fleet = Pick<OpenCloud, 'records' | 'fleet' | 'local' | 'region' | 'installation'>;

/** The most names in a message. */
const LISTED = 5;

const listed = (names: readonly string[]): string => `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;

const DENIED = Symbol('denied');

/** One who may not read decides nothing here: the start names the policy that is missing, or the deploy refuses. */
const orDenied = <T>(read: Promise<T>): Promise<T | typeof DENIED> =>
  read.catch((error: Error) => {
    if (isDenied(error)) return DENIED;
    throw error;
  });

/** @throws CommandFailure ReleaseNotFound */
export async function requirePublished(cloud: Fleet, version: string): Promise<void> {
  const { records, fleet } = cloud;
  if (await orDenied(records.getRelease(fleet, version))) return;
  const versions = (await records.listReleases(fleet)).map((release) => release.version);
  const next =
    versions.length === 0
      ? `It has none yet. Publish one with: ${commandFor(cloud, `releases publish ${version} PATH`)}`
      : `Its latest releases are ${listed(versions)}. List them with: ${commandFor(cloud, 'releases')}`;
  throw new CommandFailure(
    'ReleaseNotFound',
    `Fleet ${fleet} has no release ${version}.${didYouMean(version, versions)} Nothing was started. ${next}`,
    EXIT.badInput,
  );
}

/**
 * A server has a record from the first release that Holdfast installs on it. Where none has, the deploy itself decides.
 * @throws CommandFailure ServerNotFound
 */
export async function requireServer(cloud: Fleet, instanceId: string): Promise<void> {
  const { records, fleet } = cloud;
  const found = await orDenied(records.getInstances(fleet));
  if (found === DENIED) return;
  const servers = found.map((server) => server.instanceId);
  if (servers.length === 0 || servers.includes(instanceId)) return;
  throw new CommandFailure(
    'ServerNotFound',
    `Fleet ${fleet} has no server ${instanceId}.${didYouMean(instanceId, servers)} Nothing was started. It has ${listed(servers)}. List them with: ${commandFor(cloud, 'status')}`,
    EXIT.badInput,
  );
}
