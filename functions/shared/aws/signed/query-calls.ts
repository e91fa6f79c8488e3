import type { CallSigned } from './signed-calls.ts';
import { readXmlError } from './xml.ts';

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
