import type { HttpAnswer } from '../../send-http.ts';
import { AwsServiceError, type CallSigned } from './signed-calls.ts';

/** One operation of a service with a Query API: its answer as XML. @throws AwsServiceError named by the service's error code */
export type CallQuery = (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>;

/** @param version of the API: `2016-11-15` */
export const queryCalls =
  (call: CallSigned, version: string): CallQuery =>
  (Action, parameters) =>
    call(
      {
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: new URLSearchParams({ Action, Version: version, ...parameters }).toString(),
      },
      readXmlError,
    );

/** Fields of the XML that AWS's older services answer with: flat enough to be read without a parser. */

/** The text of the first element of this name, unescaped; undefined where there is none. */
export function fieldOf(xml: string, field: string): string | undefined {
  const text = new RegExp(`<${field}>([^<]*)</${field}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|#39|amp);/g, (_, name: string) => CHARACTERS[name] ?? '');
}

const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", amp: '&' };

/** The error of a service that answers in XML: S3, SNS, EC2, ElastiCache. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function readXmlError({ status, body }: HttpAnswer): AwsServiceError {
  return new AwsServiceError(
    fieldOf(body, 'Code') ?? `Http${status}`,
    fieldOf(body, 'Message') ?? `the service answered ${status}`,
    status,
  );
}
