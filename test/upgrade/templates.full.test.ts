/** The recorded facts are those of the previous version, built from the history, and of CloudFormation's own schemas. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLint } from '../../setup/set-up.mjs';
import { REPOSITORY } from '../infra/synthesized.ts';
import { findBreaks } from './find-breaks.ts';
import { hasHistory, PREVIOUS, unpackPrevious } from './previous-version.ts';
import { RECORDED_FOLDER, readCreateOnly, recordOf } from './recorded.ts';
import { factsOf, readTemplates, type Templates } from './template-facts.ts';
import { UPDATE_CONFIGS } from './update-configs.ts';

const LIMIT_MS = 180_000;
const names = Object.keys(UPDATE_CONFIGS) as (keyof typeof UPDATE_CONFIGS)[];

let folder: string;
const templates = new Map<string, { readonly previous: Templates; readonly current: Templates }>();

/** With the functions' code, by the app itself, as the CDK's command line runs it. */
async function synthesize(app: string, name: keyof typeof UPDATE_CONFIGS, outdir: string): Promise<Templates> {
  const config = path.join(folder, `${name}.config.json`);
  writeFileSync(config, JSON.stringify(UPDATE_CONFIGS[name]));
  const { context } = JSON.parse(readFileSync(path.join(app, 'cdk.json'), 'utf8')) as { context: object };
  await promisify(execFile)(process.execPath, ['infra/app.ts'], {
    cwd: app,
    env: {
      PATH: process.env['PATH'],
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, checks: 'off', config }),
    },
    timeout: LIMIT_MS,
  });
  return readTemplates(outdir);
}

const asJson = (value: unknown) => `${JSON.stringify(value, undefined, 1)}\n`;

describe.skipIf(!hasHistory())(`the templates of ${PREVIOUS.slice(0, 8)}${hasHistory() ? '' : ' (this checkout has no history)'}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast-update-'));
    const previous = unpackPrevious(folder);
    for (const name of names) {
      templates.set(name, {
        previous: await synthesize(previous, name, path.join(folder, `${name}.previous`)),
        current: await synthesize(REPOSITORY, name, path.join(folder, `${name}.current`)),
      });
    }
  }, 6 * LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(names)('are recorded for %s', async (name) => {
    const recorded = recordOf(templates.get(name)?.previous as Templates, readCreateOnly());
    await expect(asJson(recorded)).toMatchFileSnapshot(path.join(RECORDED_FOLDER, `${name}.json`));
  });

  it.each(names)('and this version’s differ by what is changed in its place, with the functions’ own code, for %s', (name) => {
    const { previous, current } = templates.get(name) as { previous: Templates; current: Templates };
    expect(findBreaks(factsOf(previous, readCreateOnly()), factsOf(current, readCreateOnly()))).toEqual([]);
  });

  it('have types whose properties that only a creation can set are recorded', async () => {
    const all = [...templates.values()].flatMap(({ previous, current }) => [previous, current]);
    const types = all.flatMap((one) => Object.values(one).flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)));
    const wanted = [...new Set(types)].filter((type) => !type.startsWith('Custom::')).sort();
    const { command } = await ensureLint();
    const { stdout } = await promisify(execFile)(command, ['-c', CREATE_ONLY_OF_CFN_LINT, ...wanted], { timeout: LIMIT_MS });
    await expect(asJson(JSON.parse(stdout))).toMatchFileSnapshot(path.join(RECORDED_FOLDER, 'create-only.json'));
  });
});

/** Prints, by type, the paths below its properties. */
const CREATE_ONLY_OF_CFN_LINT = `
import json, pathlib, sys, cfnlint
schemas = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"
providers = json.loads((schemas / "providers" / "us-east-1.json").read_text())
of = lambda name: json.loads((schemas / "resources" / (providers[name] + ".json")).read_text())
print(json.dumps({name: [one.removeprefix("/properties/") for one in of(name).get("createOnlyProperties", [])] for name in sys.argv[1:]}))
`;
