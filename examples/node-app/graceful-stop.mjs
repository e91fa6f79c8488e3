/**
 * Accepts no new connection, lets requests in flight end, and closes keep-alive connections as they fall idle.
 *
 * @returns whether every request ended within `deadlineMs`; the rest are cut off
 */
export function stopGracefully(server, deadlineMs) {
  return new Promise((resolve) => {
    // Idle connections that are reused meanwhile get one more answer, with `Connection: close`.
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
      finish(false);
    }, deadlineMs);
    const finish = (complete) => {
      clearInterval(sweep);
      clearTimeout(deadline);
      resolve(complete);
    };
    server.close(() => finish(true));
  });
}
