/** What a publisher, or someone who can write to the bucket, tries on a server before and after the checksum. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../cli/release/list-files.ts';
import { installOutput } from '../../../functions/instance/documents.ts';
import { type Archive, archiveOf, CONTRACT, release } from '../../local/aws/instances/fixture-release.ts';
import { startFleet, type TestFleet } from '../../local/aws/instances/test-fleet.ts';

const URL_OF = (version: string) => `https://releases.s3.us-east-1.amazonaws.com/web/${version}/release.tar.gz`;
const contract = { name: 'holdfast.app.json', body: JSON.stringify(CONTRACT) };

let fleet: TestFleet;
let instanceId: string;
let folder: string;
let root: string;
/** What an imported module would create. */
let proof: string;

beforeAll(async () => {
  fleet = await startFleet();
  const planted = join(fleet.folder, 'planted');
  mkdirSync(planted);
  // Variables of the machine reach every document, as those of the agent's own unit would.
  instanceId = (await fleet.launch({ environment: { PYTHONPATH: planted, PYTHONUSERBASE: planted } })).instanceId;
  folder = fleet.instances.get(instanceId)?.folder ?? '';
  root = join(folder, 'opt/holdfast');
  proof = join(fleet.folder, 'imported');
  for (const name of ['tarfile', 'usercustomize', 'sitecustomize']) writeFileSync(join(planted, `${name}.py`), module());
}, 20_000);
beforeEach(() => rmSync(proof, { force: true }));
afterAll(() => fleet.stop());

/** Python that leaves a proof that it ran. */
const module = (): Buffer => Buffer.from(`open(${JSON.stringify(proof)}, "w").close()\n`);

function archive(bytes: Buffer): Archive {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
const refused = async (bytes: Archive, version = '9.0.0') => {
  const output = installOutput.parse(await fleet.install(instanceId, version, bytes));
  expect(readdirSync(join(root, 'releases')).filter((name) => name.startsWith('.') || name === version)).toEqual([]);
  return output;
};

describe('before the checksum', () => {
  it.each(['tarfile.py', 'hashlib.py', 'json/__init__.py'])(
    'a publisher stores %s below the key of the archive: nothing imports it',
    async (name) => {
      fleet.objects.set(`${URL_OF('1.0.0')}/${name}`, module());
      fleet.objects.set(`${URL_OF('1.0.0')}/release.tar.gz`, (await release()).bytes);
      const output = await fleet.install(instanceId, '1.0.0', await release());
      for (const key of fleet.objects.keys()) if (key.startsWith(`${URL_OF('1.0.0')}/`)) fleet.objects.delete(key);
      expect(output).toMatchObject({ result: 'failed', error: 'DownloadFailed' });
      expect(existsSync(proof)).toBe(false);
    },
  );

  it('a record names an archive tarfile.py: the file is named release.tar.gz, and Python is isolated from PYTHONPATH and usercustomize', async () => {
    const releaseUrl = 'https://releases.s3.us-east-1.amazonaws.com/web/6.6.6/tarfile.py';
    fleet.objects.set(releaseUrl, module());
    expect(await fleet.install(instanceId, '6.6.6', await release(), { releaseUrl })).toMatchObject({ error: 'ChecksumMismatch' });
    expect(existsSync(proof)).toBe(false);
  });
});
