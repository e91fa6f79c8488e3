/** The file through which AWS clients get the local root's credentials: AWS_SHARED_CREDENTIALS_FILE names it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalCredentials } from '#local-aws/local-account.ts';

/** boto3 and version 1 of the AWS CLI presign URLs of S3 by Signature Version 2 otherwise, which the gateway refuses. */
const PRESIGNING = ['s3 =', '  signature_version = s3v4'];

/**
 * Only the user who started the cloud can read it.
 *
 * @returns its path
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function writeCredentials(folder: string, { accessKeyId, secretAccessKey }: LocalCredentials): string {
  const file = path.join(folder, 'aws-credentials');
  const lines = ['[default]', `aws_access_key_id = ${accessKeyId}`, `aws_secret_access_key = ${secretAccessKey}`, ...PRESIGNING, ''];
  writeFileSync(file, lines.join('\n'), { mode: 0o600, flag: 'wx' });
  return file;
}
