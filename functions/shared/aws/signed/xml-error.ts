import type { HttpAnswer } from './send-request.ts';
import { AwsServiceError } from './signed-calls.ts';

/** The error of a service that answers in XML: S3, SNS. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function readXmlError({ status, body }: HttpAnswer): AwsServiceError {
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  return new AwsServiceError(field('Code') ?? `Http${status}`, field('Message') ?? `the service answered ${status}`, status);
}
