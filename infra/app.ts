/** The CDK app: the only reader of context and environment. */
import { App, Validations } from 'aws-cdk-lib';
import { buildApp } from './build-app.ts';
import { InvalidConfiguration, readConfig } from './config.ts';

const app = new App();
try {
  buildApp(app, readConfig((app.node.tryGetContext('config') as string | undefined) ?? 'holdfast.config.json'));
} catch (error) {
  if (!(error instanceof InvalidConfiguration)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
// The local cloud deploys the same templates; it leaves out the time and memory that the checks take.
if (app.node.tryGetContext('checks') !== 'off') {
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
