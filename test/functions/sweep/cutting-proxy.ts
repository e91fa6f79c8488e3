import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Between a client and a real server: cuts a connection in mid-reply. */
export interface CuttingProxy extends TcpProxy {
  /** Once a request contains `word`, the connection ends after that many bytes of the replies; the server has done its work. */
  cutAfter(word: string, replyBytes: number): void;
}

export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  let cut: { readonly word: string; readonly replyBytes: number } | undefined;
  const proxy = await startTcpProxy(
    () => serverPort,
    (client, server) => {
      let bytesLeft = Number.POSITIVE_INFINITY;
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
    },
  );
  return {
    ...proxy,
    cutAfter(word, replyBytes) {
      cut = { word, replyBytes };
    },
  };
}
