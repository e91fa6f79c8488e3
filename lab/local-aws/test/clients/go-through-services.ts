/** boto3 and the AWS CLI in a process of their own, with a local cloud that is up. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureAwsClients } from '../../../../setup/set-up.mjs';

/** What main.py prints. */
export interface Report {
  readonly faults: readonly string[];
  readonly answers: number;
  readonly operations: readonly string[];
  readonly waiters: readonly string[];
  readonly paginators: readonly string[];
  /** That the AWS CLI carried out, as `elbv2.describe-rules`. */
  readonly commands: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
}

export interface Access {
  readonly gatewayUrl: string;
  readonly credentialsFile: string;
  readonly region: string;
  /** A folder without settings of AWS's. */
  readonly home: string;
}

/**
 * Installs the clients when they are not there yet.
 *
 * @param parts `reading` changes nothing; none goes through all parts, which make what they need
 */
export async function goThroughServices(
  { gatewayUrl, credentialsFile, region, home }: Access,
  ...parts: readonly string[]
): Promise<Report> {
  const python = await ensureAwsClients();
  const { stdout } = await promisify(execFile)(python, [path.join(import.meta.dirname, 'main.py'), ...parts], {
    timeout: 220_000,
    maxBuffer: 16 * 1024 ** 2,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
      AWS_ENDPOINT_URL: gatewayUrl,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      // With the venv: compiling the clients takes seconds, and each run of the tests goes through services more than once.
      PYTHONPYCACHEPREFIX: path.join(path.dirname(python), '../pycache'),
    },
  });
  return JSON.parse(stdout) as Report;
}
