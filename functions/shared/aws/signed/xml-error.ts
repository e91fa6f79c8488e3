import type { HttpAnswer } from '../../send-http.ts';
import { AwsServiceError } from './signed-calls.ts';
import { fieldOf } from './xml.ts';

/** The error of a service that answers in XML: S3, SNS, EC2, ElastiCache. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function readXmlError({ status, body }: HttpAnswer): AwsServiceError {
  return new AwsServiceError(
    fieldOf(body, 'Code') ?? `Http${status}`,
    fieldOf(body, 'Message') ?? `the service answered ${status}`,
    status,
  );
}
