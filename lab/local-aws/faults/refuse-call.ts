/** An error in the protocol that the caller speaks, for a service of which only the name is known. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { cborWire, speaksCbor } from '../service/protocol/cbor.ts';
import { jsonWire } from '../service/protocol/json.ts';
import { renderQueryError } from '../service/protocol/query.ts';
import type { AwsError, LocalService } from '../service/service.ts';
import type { WholeReply } from './carry-out.ts';

const XML_NAMESPACE = 'https://holdfast.local/';
const ANY_SERVICE: LocalService = {
  signingNames: [],
  protocol: { kind: 'json', version: '1.0', xmlNamespace: XML_NAMESPACE },
  operations: {},
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
};

/**
 * JSON and CBOR by their headers, Query by its form; of the REST services S3 speaks XML and the others JSON.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function refuseCall(service: string, request: IncomingMessage, error: AwsError): WholeReply {
  const requestId = randomUUID();
  if (speaksCbor(request)) return cborWire(ANY_SERVICE, request).error(error, requestId);
  if (request.headers['x-amz-target'] !== undefined) return jsonWire(ANY_SERVICE, request).error(error, requestId);
  const xml = (body: string): WholeReply => ({
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body,
  });
  const whole = renderQueryError(XML_NAMESPACE, error, requestId);
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return xml(whole);
  if (service !== 's3') {
    return {
      status: error.status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code, 'x-amzn-requestid': requestId },
      body: JSON.stringify({ message: error.message }),
    };
  }
  // S3's error is the inner element alone, and an answer to HEAD has no body.
  const inner = /<Code>.*<\/Message>/s.exec(whole)?.[0] ?? '';
  return xml(
    request.method === 'HEAD' ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}<RequestId>${requestId}</RequestId></Error>`,
  );
}
