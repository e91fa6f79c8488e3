/** Carries one call out with the fault that hit it. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../service/service.ts';
import type { CallEffect } from './fault-rule.ts';

/** A complete response of one of our services or of the emulator. */
export interface WholeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string | Uint8Array;
}

export interface FaultyCall {
  readonly effect: CallEffect;
  /** Does the work. @throws Error when the emulator does not answer */
  perform(): Promise<WholeReply>;
  /** The error in the caller's protocol. */
  refuse(error: AwsError): WholeReply;
}

export async function carryOut({ effect, perform, refuse }: FaultyCall, response: ServerResponse): Promise<void> {
  switch (effect.kind) {
    case 'error':
      return sendReply(response, refuse(new AwsError(effect.code, effect.message, effect.status)));
    case 'delay': {
      const reply = await perform();
      await sleep(effect.ms);
      return sendReply(response, reply);
    }
    case 'loseAnswer':
      await perform();
      response.destroy();
      return;
    case 'breakOff':
      return sendPart(response, await perform(), effect.share);
    case 'twice':
      await perform();
      return sendReply(response, await perform());
  }
}

export function sendReply(response: ServerResponse, { status, headers, body }: WholeReply): void {
  if (response.destroyed) return;
  response.writeHead(status, framed(headers, body)).end(body);
}

/** The client is promised the whole body and gets a part of it. */
async function sendPart(response: ServerResponse, { status, headers, body }: WholeReply, share: number): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(status, framed(headers, body));
  // Without the first bytes on their way the client would see a lost answer instead.
  response.flushHeaders();
  const part = bytes.subarray(0, Math.floor(bytes.length * share));
  await new Promise<void>((done) => response.write(part, () => done()));
  response.destroy();
}

function framed(headers: WholeReply['headers'], body: WholeReply['body']): Record<string, string | string[] | number> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !FRAMING.has(name.toLowerCase()));
  return { ...(Object.fromEntries(kept) as Record<string, string | string[]>), 'content-length': Buffer.byteLength(body) };
}
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);
