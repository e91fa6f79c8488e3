import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';

export interface SeenRequest {
  readonly target: string;
  readonly body: string;
}

/** A request handler for an SDK client: answers every call with what `answer` was last given, and remembers the calls. */
export function stubHttp() {
  const seen: SeenRequest[] = [];
  let next = (_body: string) => ({ statusCode: 200, body: '{}' });
  const config = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      async handle(request: { headers: Record<string, string>; body?: unknown }) {
        const asked = textOf(request.body);
        seen.push({ target: request.headers['x-amz-target'] ?? '', body: asked });
        const { statusCode, body } = next(asked);
        return { response: new HttpResponse({ statusCode, headers: {}, body: Readable.from([Buffer.from(body)]) }) };
      },
    },
  };
  return {
    config,
    seen,
    answer(body: string, statusCode = 200) {
      next = () => ({ statusCode, body });
    },
    /** Answers each call by what it asks. */
    answerBy(reply: (asked: string) => string) {
      next = (asked) => ({ statusCode: 200, body: reply(asked) });
    },
  };
}

function textOf(body: unknown): string {
  return ArrayBuffer.isView(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() : String(body ?? '');
}
