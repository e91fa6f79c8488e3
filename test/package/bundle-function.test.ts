import path from 'node:path';
import { expect, it } from 'vitest';
import { OWN_FOLDER } from '../../infra/own-files.ts';
import { bundleInto } from '../../package/in-the-package/bundle-function.ts';

it('the package has the bundle of each handler in a folder of its own, whatever the assembly', () => {
  const folder = (entry: string) => path.relative(OWN_FOLDER, bundleInto('cdk.out', entry));
  expect(folder('functions/deploy/control/handler.ts')).toBe('functions/.bundles/functions-deploy-control-handler-ts');
  expect(folder('functions/deploy/assess/handler.ts')).toBe('functions/.bundles/functions-deploy-assess-handler-ts');
});
