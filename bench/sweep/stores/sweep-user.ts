import { App, Stack, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { store as storeConfig } from '../../../infra/config/store.ts';
import { StoreAccess } from '../../../infra/constructs/store/store-access.ts';

const INSTALLATION = 'bench';

interface User {
  readonly Type: string;
  readonly Properties: { readonly UserName?: string; readonly AccessString?: string };
}

/** The access string of the sweep's user, as the template of a store with this engine has it. */
export function sweepAccessString(engine: 'valkey' | 'redis'): string {
  const app = new App();
  const stack = new Stack(app, 'Store');
  const store = storeConfig.parse({ engine });
  if ('existing' in store && store.existing) throw new Error('the configuration has a store of its own');
  const applicationSecret = new secretsmanager.Secret(stack, 'Secret');
  new StoreAccess(stack, 'Access', { installation: INSTALLATION, store, applicationSecret });
  const { Resources } = app.synth().getStackByName(stack.stackName).template as { Resources: Record<string, User> };
  const user = Object.values(Resources).find(({ Properties }) => Properties.UserName === `${INSTALLATION}-sweep`);
  if (user?.Properties.AccessString === undefined) throw new Error('the template has no user for the sweep');
  return user.Properties.AccessString;
}
