/** LocalStack's settings, and those of Holdfast's extension in it. ops/localstack/docker-compose.yml has the same. Pure. */
import path from 'node:path';
import type { EmulatorOptions } from '../emulator.ts';

const HERE = import.meta.dirname;

type EnvironmentOptions = Pick<
  EmulatorOptions,
  'access' | 'gatewayUrl' | 'node' | 'functionEnvironment' | 'eventToken' | 'idleEnvironmentMs'
> & {
  /** The interpreter of the venv that has LocalStack. */
  readonly python: string;
};

/** @see https://docs.localstack.cloud/aws/capabilities/config/configuration/ */
export function localStackEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { access, gatewayUrl, python } = options;
  const { host } = new URL(access.url);
  return {
    LANG: 'C.UTF-8',
    PYTHONPATH: path.join(HERE, 'extension'),
    PYTHONPYCACHEPREFIX: path.join(path.dirname(python), '../pycache'),
    PYTHONUNBUFFERED: '1',
    // Without it LocalStack may take this machine for its container, and write to /var/lib and /etc.
    OVERRIDE_IN_DOCKER: '0',
    GATEWAY_LISTEN: host,
    // The default server listens on every address, whatever is set.
    GATEWAY_SERVER: 'hypercorn',
    // Addresses that LocalStack gives out, of queues for one, are the gateway's.
    LOCALSTACK_HOST: new URL(gatewayUrl).host,
    SQS_ENDPOINT_STRATEGY: 'path',
    // Its own calls between services do not pass its port, which demands the run's secret.
    IN_MEMORY_CLIENT: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    DNS_ADDRESS: '0',
    // Pages in a browser have no business here: none may read an answer.
    DISABLE_CORS_CHECKS: '1',
    DISABLE_CORS_HEADERS: '1',
    // Access keys of sessions begin as AWS's do.
    PARITY_AWS_ACCESS_KEY_ID: '1',
    DYNAMODB_IN_MEMORY: '1',
    // A type that nobody provides fails the stack: by default it is "deployed as a fallback", with attributes that are "unknown".
    CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: '0',
    LAMBDA_RUNTIME_EXECUTOR: 'holdfast',
    // A function can be invoked as soon as it is created, as with MiniStack.
    LAMBDA_SYNCHRONOUS_CREATE: '1',
    PROVIDER_OVERRIDE_CLOUDFORMATION: 'holdfast',
    PROVIDER_OVERRIDE_EC2: 'holdfast',
    PROVIDER_OVERRIDE_IAM: 'holdfast',
    LAMBDA_KEEPALIVE_MS: String(options.idleEnvironmentMs),
    HOLDFAST_GATEWAY: gatewayUrl,
    HOLDFAST_NODE: options.node,
    HOLDFAST_BOOTSTRAP: path.join(HERE, '../lambda-runtime/bootstrap.mjs'),
    HOLDFAST_FUNCTION_ENV: JSON.stringify(options.functionEnvironment),
    HOLDFAST_EVENT_TOKEN: options.eventToken,
    HOLDFAST_RUN_TOKEN: access.token,
  };
}
