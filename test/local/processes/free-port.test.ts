import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, freePorts, portOrFree } from '../../../local/processes/free-port.ts';

describe('ports', () => {
  let server: Server | undefined;
  const listen = async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  it('are different, free, and below those of outgoing connections', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });

  it('says which port is taken and what to do', async () => {
    const port = await listen();
    await expect(portOrFree(port, '--port')).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program: free it, give another one with --port, or leave --port out to get a free one.`,
    );
  });

  it.each([[0], [65_536], [Number.NaN], [80.5]])('refuses %s, quoting it', async (port) => {
    await expect(portOrFree(port, '--port')).rejects.toThrow(`--port is ${port}, which is no port`);
  });

  it('keeps a free port that was asked for, and finds one when none was', async () => {
    const port = await freePort();
    expect(await portOrFree(port, '--port')).toBe(port);
    expect(await portOrFree(undefined, '--port')).not.toBe(port);
  });

  it('gives up after a bounded number of tries', async () => {
    await freePort(() => 0.5);
    await expect(freePort(() => 0.5)).rejects.toThrow('No free port was found between 20000 and 32000 on 127.0.0.1');
  });
});
