/** Loaded before the example's server: every page answers 500, while the paths of the load balancer and the readiness check are healthy. */
import { ServerResponse } from 'node:http';

const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function writeBrokenHead(status, ...more) {
  const isPage = !/^\/(?:live|health|internal)\b/.test(this.req.url);
  if (isPage) this.statusCode = 500;
  return writeHead.call(this, isPage ? 500 : status, ...more);
};
