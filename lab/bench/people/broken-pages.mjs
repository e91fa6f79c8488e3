/** Loaded before the example's server: every page answers 500, while the paths of the load balancer and the gate are healthy. */
import { ServerResponse } from 'node:http';

const { end } = ServerResponse.prototype;
ServerResponse.prototype.end = function endBroken(...args) {
  if (!this.headersSent && !/^\/(?:live|health|internal)\b/.test(this.req.url)) this.statusCode = 500;
  return end.apply(this, args);
};
