const YEAR_SECONDS = 31_536_000;
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer of a page or of a user's data. */
export function securityHeaders(request, response, next) {
  response.set({
    // No cache, of a browser or in between, keeps what belongs to one user.
    'Cache-Control': 'no-store',
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
  });
  // Browsers ignore it in an answer over plain HTTP.
  if (request.secure) response.set('Strict-Transport-Security', `max-age=${YEAR_SECONDS}`);
  next();
}

/** Browsers say where a request was begun: no page of another origin logs a user in, out, or ends a device. */
export function sameOriginOnly(request, response, next) {
  const from = request.get('Sec-Fetch-Site');
  if (request.method === 'GET' || from === undefined || from === 'same-origin' || from === 'none') next();
  else response.status(403).json({ error: 'a request of another site' });
}
