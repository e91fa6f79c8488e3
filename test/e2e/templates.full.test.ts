/** The local cloud is sent the very templates that AWS would be sent. */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { deployedTemplate, type Template, templatesForAws } from './aws-templates.ts';
import { kept } from './fleet.ts';

const STACKS = ['holdfast-network', 'holdfast-session-store', 'holdfast-releases', 'holdfast-web-web-tier', 'holdfast-web-deploy'];
let forAws: ReadonlyMap<string, Template>;

beforeAll(() => {
  // The configuration of the kept cloud, but with the synthesizer that AWS is deployed with.
  forAws = templatesForAws(readConfig(path.join(kept.runFolder, 'holdfast.config.json')));
});

describe.each(STACKS)('%s', (stackName) => {
  it('was deployed locally from the template that goes to AWS at the same configuration', async () => {
    const local = await deployedTemplate(stackName);
    expect(Object.keys(local.Resources).length).toBeGreaterThan(3);
    expect(local).toEqual(forAws.get(stackName));
  });
});
