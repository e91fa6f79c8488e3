import { S3Client } from '@aws-sdk/client-s3';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { type AnswerPorts, answerRequest } from './answer.ts';
import { s3Archives } from './archives.ts';
import type { PublishReply } from './contract.ts';
import { PUBLISH_ENV } from './environment.ts';
import { PUBLISH_LIMIT_SECONDS, publishArchive, refuseOtherKind, withMissing } from './publish.ts';

const log = createLog('publish');
/** Copying takes S3 longer than any other call. One attempt: a second one has no time, and the command can be repeated. */
const COPYING = { ...CLIENT_OPTIONS.requestHandler, requestTimeout: (PUBLISH_LIMIT_SECONDS - 60) * 1_000 };

let ports: AnswerPorts | undefined;

function wire(environment: Environment): AnswerPorts {
  const bucket = required(environment, PUBLISH_ENV.releasesBucket);
  const archives = s3Archives(new S3Client(CLIENT_OPTIONS), new S3Client({ maxAttempts: 1, requestHandler: COPYING }), bucket);
  const variables = optional(environment, PUBLISH_ENV.variables)?.split(',') ?? [];
  const takesBundles = optional(environment, PUBLISH_ENV.bundles) === 'true';
  const publishing = { records: recordsFrom(environment), archives, log, now: Date.now };
  return {
    publish: async (publication) =>
      refuseOtherKind(publication, takesBundles) ?? withMissing(await publishArchive(publishing, publication), variables),
    fleet: required(environment, RECORDS_ENV.fleet),
  };
}

export const handler = async (request: unknown): Promise<PublishReply> => {
  ports ??= wire(process.env);
  return answerRequest(ports, request);
};
