/** The documents' own scripts, on machines of the local cloud. The simulation's models run the same suite. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { newMachineDigits } from '#local-aws/instances/instances.ts';
import type { PackageTrouble } from '#local-aws/instances/package-manager.ts';
import { CONTRACT_WITHOUT_COUNTS, release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import { NO_RELEASE, NO_RELEASE_SHA256 } from '../../../functions/shared/version.ts';
import { USER_DATA, USER_DATA_WITHOUT_PLACEHOLDER } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { FULL } from '../../e2e/full-run.ts';
import { until } from '../../until.ts';
import { documentsConform } from './documents-conformance.ts';
import type { ReleaseKind, ScriptOutcome, ServerKind, ServerUnderTest } from './server-under-test.ts';
import { startWarmFleet } from './warm-machines.ts';

/** By machine: what the next calls of dnf meet, one after the other; then nothing. */
const troubles = new Map<string, PackageTrouble[]>();
const TROUBLES: Readonly<Partial<Record<ServerKind, PackageTrouble[]>>> = {
  preparing: [{ kind: 'slow', ms: 20_000 }],
  failed: Array.from({ length: 3 }, () => ({ kind: 'unknown' })),
};
const fleet = await startWarmFleet({ trouble: (instanceId) => troubles.get(instanceId)?.shift() });
/** The pauses between two attempts of dnf are short. */
const QUICK = USER_DATA.replace('set -euo pipefail', (line) => `${line}\nsleep() { command sleep 0.05; }`);

const RELEASES: Readonly<Record<ReleaseKind, () => ReturnType<typeof release>>> = {
  counts: () => release(),
  noCounts: () => release({}, CONTRACT_WITHOUT_COUNTS),
  exits: () => release({ exitAtOnce: true }),
  down: () => release({ down: true }),
};
const archives = new Map<string, ReturnType<typeof release>>();
/** The same bytes for the same release: a deploy publishes one archive, and orders it by its checksum. */
const archiveOf = (version: string, kind: ReleaseKind): ReturnType<typeof release> => {
  const known = archives.get(`${version} ${kind}`) ?? RELEASES[kind]();
  archives.set(`${version} ${kind}`, known);
  return known;
};
const NOTHING = { bytes: Buffer.from(''), sha256: NO_RELEASE_SHA256 };

async function launch(kind: ServerKind): Promise<ServerUnderTest> {
  const instanceId = `i-${newMachineDigits()}`;
  troubles.set(instanceId, [...(TROUBLES[kind] ?? [])]);
  const userData = kind === 'existing' ? USER_DATA_WITHOUT_PLACEHOLDER : QUICK;
  const facts = { tags: {}, imageId: 'ami', instanceType: 't', availabilityZone: 'us-east-1a', name: 'test' };
  const { port, booted } = await fleet.instances.launch({ instanceId, userData, ...facts });
  const url = `http://127.0.0.1:${port}`;
  const root = join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/holdfast');
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');
  if (kind === 'preparing') await until(() => read('etc/user-data-state').includes('installing package'));
  else await booted;
  if (kind === 'launched') await until(async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.status === 200);

  const run = async (document: string, parameters: object): Promise<ScriptOutcome> => {
    const { StandardOutputContent: line, StandardErrorContent: errorOutput } = await fleet.run(instanceId, document, { ...parameters });
    return { line: line === '' ? undefined : JSON.parse(line), errorOutput };
  };
  const version = (link: string) => (existsSync(join(root, link)) ? basename(readlinkSync(join(root, link))) : NO_RELEASE);
  return {
    async install(wanted, release = 'counts', { fencingToken = 1, sha256, missing, restarts } = {}) {
      const archive = wanted === NO_RELEASE ? NOTHING : await archiveOf(wanted, release);
      const output = await fleet.install(instanceId, wanted, archive, {
        fencingToken: String(fencingToken),
        ...(sha256 !== undefined && { sha256 }),
        ...(restarts && { mode: 'restart' as const }),
        ...(missing && { releaseUrl: 'https://releases.s3.us-east-1.amazonaws.com/web/0.0.0/release.tar.gz' }),
      });
      return installOutput.parse(output);
    },
    waitIdle: (parameters) => run('test-waitIdle', parameters),
    observe: (parameters) => run('test-observe', parameters),
    request(ms) {
      const ended = fetch(ms === 0 ? url : `${url}/slow?ms=${ms}`);
      return async () => void (await ended);
    },
    async stopService() {
      for (const service of ['holdfast-app', 'holdfast-placeholder']) await fleet.instances.systemctl(instanceId, 'stop', service);
    },
    async serving() {
      const health = (await fetch(`${url}/healthz`).catch(() => undefined))?.status;
      if (health !== 200) return undefined;
      const answer = await fetch(url);
      return answer.status === 503 ? NO_RELEASE : ((await answer.json()) as { version: string }).version;
    },
    process: async () => ((await (await fetch(url)).json()) as { pid: number }).pid,
    links: () => ({ current: version('current'), previous: version('previous'), fencingToken: Number(read('etc/fencing-token')) }),
    now: () => performance.now(),
  };
}

documentsConform({ launch, stop: () => fleet.stop(), atOnce: true, whole: FULL });
