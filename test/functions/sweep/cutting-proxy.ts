import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Between a client and a real server: cuts a connection in mid-reply. */
export interface CuttingProxy {
  readonly port: number;
  /** Once a request contains `word`, the connection ends after that many bytes of the replies; the server has done its work. */
  cutAfter(word: string, replyBytes: number): void;
  stop(): Promise<void>;
}

export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cut: { readonly word: string; readonly replyBytes: number } | undefined;
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let bytesLeft = Number.POSITIVE_INFINITY;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
        sockets.delete(socket);
      });
    }
    client.on('data', (chunk) => {
      if (cut && chunk.includes(cut.word)) {
        bytesLeft = cut.replyBytes;
        cut = undefined;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      const part = chunk.subarray(0, bytesLeft);
      bytesLeft -= part.length;
      if (bytesLeft > 0) client.write(part);
      else client.end(part);
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    cutAfter(word, replyBytes) {
      cut = { word, replyBytes };
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
