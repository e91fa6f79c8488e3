/** Refuses options that the configuration's own rules refuse, before anything is called or written. Pure. */
import { regionalArn } from '../../../functions/shared/aws/partition.ts';
import { InvalidConfiguration, parseContent } from '../../../infra/config.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { OTHER_FRAMEWORK, type StoreOptions } from './store-options.ts';

/** Of what is open, something that is valid: the rules are asked about the options alone. */
const OPEN = { account: '111122223333', keyPrefix: 'sess:', user: 'holdfast', store: 'sessions' };
const SUBNETS = ['subnet-00000000', 'subnet-00000001'];

/** @throws CommandFailure InvalidOption */
export function refuseInvalid(options: StoreOptions, region: string): void {
  const { keyPrefix = OPEN.keyPrefix, framework } = options;
  const config = {
    region,
    network: { existing: { vpcId: 'vpc-00000000', storeSubnetIds: options.subnets ?? SUBNETS } },
    store: {
      existing: {
        host: 'store',
        tls: true,
        engine: 'valkey',
        engineVersion: '8.0',
        replicationGroupId: OPEN.store,
        replicas: 0,
        ...signInOf(options, region),
      },
      sessions: [{ keyPrefix, ...(framework !== OTHER_FRAMEWORK && { framework }) }],
    },
  };
  try {
    parseContent(config, 'What the options would write');
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const [what, ...problems] = error.message.split(/\n +/);
    throw new CommandFailure('InvalidOption', `${what} ${problems.join('; ')}. Nothing was written.`, EXIT.badInput, { cause: error });
  }
}

function signInOf({ auth, user, secret }: StoreOptions, region: string): object {
  const way = auth ?? (secret !== undefined ? 'password' : user !== undefined ? 'iam' : 'none');
  const some = regionalArn('secretsmanager', { region, account: OPEN.account }, 'secret:s');
  const secretArn = secret ?? (way === 'password' ? some : undefined);
  return { auth: way, userName: user ?? (way === 'iam' ? OPEN.user : undefined), secretArn };
}
