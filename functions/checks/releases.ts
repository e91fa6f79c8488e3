/** Releases, what their servers have shown, and the documents that run on servers. */
import { isLockHeld } from '../records/outcome-text.ts';
import { sumOf } from '../shared/arithmetic.ts';
import { type Check, checksOf, error, notice, ok, warning } from '../shared/check.ts';
import { holdfast } from '../shared/command-options.ts';
import { releaseKey } from '../shared/naming.ts';
import { describeIdsInUrls, describeUnwritten, IDS_IN_URLS_ADVICE, unwrittenAdvice } from '../shared/unwritten.ts';
import type { Facts } from './facts.ts';

const check = checksOf<Facts>('doctor');

export const RELEASES: readonly Check<Facts>[] = [
  check('release', ['subject', 'releases', 'fleetRecord', 'command', 'archive?'], {
    what: 'whether the fleet has a release, and its archive is the published one',
    why: 'a new instance installs the current release before it comes into service',
    judge({ subject: { fleet, releasesBucket }, releases, fleetRecord, command, archive }) {
      const why = 'until a deploy succeeds, servers keep what they have: created ones answer users with 503';
      if (releases.length === 0)
        return notice(`no release of ${fleet} is published`, `publish one with: ${command('releases publish VERSION PATH')}`, { why });
      if (!fleetRecord)
        return notice(`no deploy of ${fleet} has succeeded yet`, `deploy a published release with: ${command('deploy VERSION')}`, { why });
      const { currentVersion } = fleetRecord;
      const current = releases.find(({ version }) => version === currentVersion);
      if (!current)
        return error(
          `the current release ${currentVersion} is not among the ${releases.length} published releases`,
          'publish it again with its version',
        );
      if (!archive) return undefined;
      const about = {
        resource: `s3://${releasesBucket}/${releaseKey(fleet, current.version)}`,
        why: 'a server refuses an archive whose checksum differs from the recorded one',
      };
      if (archive.sha256 === undefined)
        return warning(
          `the archive of ${current.version} has no SHA-256 in S3, so only the servers can verify it`,
          `publish releases only with "${holdfast('releases publish')}"`,
          about,
        );
      if (archive.sha256 !== current.sha256 || archive.sizeBytes !== current.sizeBytes)
        return error(
          `the archive of ${current.version} is not the published one: its SHA-256 is ${archive.sha256.slice(0, 16)}…, and the recorded one is ${current.sha256.slice(0, 16)}…`,
          'restore the previous version of the object in S3',
          about,
        );
      return ok(`release ${current.version} is current, and its archive has the recorded checksum`, '', about);
    },
  }),
  // One without a release on record is starting, or was never deployed to. What is on record of servers that are gone does not matter.
  check('server-release', ['subject', 'fleetRecord', 'installed', 'memberIds', 'nowMs', 'command', 'lock?'], {
    what: "whether every server has the fleet's current release",
    why: 'users meet another release on each server, depending on which one answers them',
    judge({ fleetRecord, installed, memberIds, nowMs, command, lock }) {
      const servers = installed.filter(({ instanceId }) => memberIds.includes(instanceId));
      if (!fleetRecord || servers.length === 0) return undefined;
      const { currentVersion: current } = fleetRecord;
      const others = servers.filter(({ version }) => version !== current);
      if (others.length === 0)
        return ok(`release ${current} is on ${servers.length === 1 ? 'the server' : `all ${servers.length} servers`}`);
      const named = others.map(({ instanceId, version }) => `${instanceId} has ${version}`).join(', ');
      const what = `${others.length} of ${servers.length} servers ${others.length === 1 ? 'has' : 'have'} another release than the current ${current}: ${named}`;
      // A deploy makes a fleet mixed, and ends that.
      if (isLockHeld(lock, nowMs)) return notice(what, 'run doctor again when what holds the lock has ended');
      return warning(what, `deploy the current release again, which leaves out the servers that have it: ${command(`deploy ${current}`)}`);
    },
  }),
  // By what servers showed when they baked; nothing of servers that compare no sessions, or had no request to compare.
  check('session-changes', ['subject', 'lastDeploy'], {
    what: 'whether the current release writes what its requests change in sessions',
    why: 'a change that is not in the store is lost when the next request goes to another server',
    judge({ lastDeploy }) {
      const samples = Object.values(lastDeploy?.targets ?? {}).flatMap(({ unwritten }) => unwritten ?? []);
      const of = sumOf(samples, (sample) => sample.of);
      const failed = sumOf(samples, (sample) => sample.failed ?? 0);
      if (!lastDeploy || of + failed === 0) return undefined;
      const requests = sumOf(samples, (sample) => sample.requests);
      const baked = `while release ${lastDeploy.to} baked`;
      if (requests + failed === 0) return ok(`${baked}, all changes of sessions were written, by a sample of ${of} requests`);
      const all = (key: 'attributes' | 'unserializable') => [...new Set(samples.flatMap((sample) => sample[key]))].toSorted();
      const unwritten = {
        requests,
        of,
        ...(failed > 0 && { failed }),
        attributes: all('attributes'),
        unserializable: all('unserializable'),
      };
      return warning(`${baked}, ${describeUnwritten(unwritten)}`, unwrittenAdvice({ requests }));
    },
  }),
  check('session-ids-in-urls', ['subject', 'lastDeploy'], {
    what: 'sessions that are known by ids in URLs',
    why: 'an id in a URL is in logs and links, and anyone who has it has the session',
    fix: IDS_IN_URLS_ADVICE,
    judge({ lastDeploy }) {
      const inUrls = describeIdsInUrls(Object.values(lastDeploy?.targets ?? {}).flatMap(({ unwritten }) => unwritten ?? []));
      return lastDeploy && inUrls !== undefined ? warning(`while release ${lastDeploy.to} baked, ${inUrls}`) : undefined;
    },
  }),
  check('document', ['documents', 'awsOptions'], {
    what: "documents that run on servers: they are this version's, and the default ones",
    why: 'deploys, launches, terminations and runbooks of incidents run the latest version of each document on the servers',
    resource: ({ documents }) => documents.map(({ name }) => name).join(', '),
    judge({ documents, awsOptions }) {
      if (documents.length === 0) return undefined;
      const found = documents.flatMap(({ name: resource, latestVersion, defaultVersion, isOfThisCheckout }) => {
        if (!isOfThisCheckout)
          return warning(
            `the latest version of ${resource}, ${latestVersion}, has another content than this checkout's`,
            'run "npx --no cdk deploy --all" from the checkout that is to be deployed',
            { resource },
          );
        if (defaultVersion === latestVersion) return [];
        return notice(
          `the default version of ${resource} is ${defaultVersion}, and the latest ${latestVersion}: Holdfast runs the latest`,
          `for commands that you send yourself: aws ssm update-document-default-version --name ${resource} --document-version ${latestVersion} ${awsOptions}`,
          { resource },
        );
      });
      return found.length > 0 ? found : ok(`the latest versions of ${documents.length} documents are this checkout's`);
    },
  }),
];
