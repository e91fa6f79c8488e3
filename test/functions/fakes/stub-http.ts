import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';

export interface SeenRequest {
  readonly target: string;
  readonly body: string;
}

/** A request handler for an SDK client: answers every call with what `answer` was last given, and remembers the calls. */
export function stubHttp() {
  const seen: SeenRequest[] = [];
  let next = { statusCode: 200, body: '{}' };
  const config = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body?: unknown }) {
        seen.push({ target: request.headers['x-amz-target'] ?? '', body: textOf(request.body) });
        return { response: new HttpResponse({ statusCode: next.statusCode, headers: {}, body: Readable.from([Buffer.from(next.body)]) }) };
      },
    },
  };
  return {
    config,
    seen,
    answer(body: string, statusCode = 200) {
      next = { statusCode, body };
    },
  };
}

function textOf(body: unknown): string {
  return ArrayBuffer.isView(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() : String(body ?? '');
}
