import { execFileSync } from 'node:child_process';
import { Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort, freePorts, portOrFree, releasePort, reservePort } from '../free-port.ts';

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

  it('names the port that is taken and what to do', async () => {
    const port = await listen();
    await expect(portOrFree(port, '--port')).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program: free it, choose another with --port, or omit --port to get a free one.`,
    );
  });

  it.each([[0], [65_536], [Number.NaN], [80.5]])('refuses %s, quoting it', async (port) => {
    await expect(portOrFree(port, '--port')).rejects.toThrow(`--port is ${port}, which is not a valid port`);
  });

  it('keeps a free port that was asked for, and finds one when none was', async () => {
    const port = await freePort();
    expect(await portOrFree(port, '--port')).toBe(port);
    expect(await portOrFree(undefined, '--port')).not.toBe(port);
  });

  it('are never the same for callers that ask at once', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
  });

  it('are not given out while one that is not bound yet is reserved', async () => {
    const port = await freePort();
    releasePort(port);
    reservePort(port);
    const same = () => (port - 20_000 + 0.5) / 12_000;
    await expect(freePort(same)).rejects.toThrow('No free port was found');
  });

  it('are not given out by another process before their server has bound them', async () => {
    const port = await freePort();
    const same = `() => (${port} - 20_000 + 0.5) / 12_000`;
    const module = path.resolve('lab/processes/free-port.ts');
    const script = `import(${JSON.stringify(module)}).then(({ freePort }) => freePort(${same})).then(console.log, (error) => console.log(error.name))`;
    const printed = () => execFileSync(process.execPath, ['--eval', script], { encoding: 'utf8', timeout: 120_000 }).trim();
    expect(printed()).toBe('PortError');
    releasePort(port);
    expect(printed()).toBe(`${port}`);
  });

  it('are given out where UDP cannot be bound', async () => {
    const bind = vi.spyOn(Socket.prototype, 'bind').mockImplementation(function refuse(this: Socket) {
      this.emit('error', Object.assign(new Error('not permitted'), { code: 'EPERM' }));
      return this;
    });
    try {
      expect(await freePort()).toBeGreaterThan(0);
    } finally {
      bind.mockRestore();
    }
  });

  it('can be given out again once they are released', async () => {
    const port = await freePort();
    const same = () => (port - 20_000 + 0.5) / 12_000;
    await expect(freePort(same)).rejects.toThrow('No free port was found');
    releasePort(port);
    expect(await freePort(same)).toBe(port);
  });

  it('gives up after a bounded number of tries', async () => {
    const port = await freePort();
    const same = () => (port - 20_000 + 0.5) / 12_000;
    await expect(freePort(same)).rejects.toThrow('No free port was found between 20000 and 32000 on 127.0.0.1');
  });
});
