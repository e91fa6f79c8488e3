import { escapeMarkup } from '../../shared/escape-markup.ts';
import type { ReLoginPage } from '../contract/environment.ts';

/**
 * The body of a fixed response with status 503; it loads nothing. Its script asks for the same address from time to time and opens it once
 * the answer is another one, so that no form is sent again. The address has its origin: a path that begins with two slashes is that of
 * another site. A redirect is an answer, and not followed: a sign-on of another site would let no script read it.
 */
export function reLoginHtml({
  language,
  title,
  message,
  retry,
  retrySeconds,
}: Omit<ReLoginPage, 'hosts' | 'paths' | 'spare' | 'priorities'>): string {
  const seconds = Math.round(retrySeconds);
  return [
    `<!doctype html><html lang="${escapeMarkup(language)}"><meta charset=utf-8>`,
    '<meta name=viewport content="width=device-width">',
    `<title>${escapeMarkup(title)}</title>`,
    `<noscript><meta http-equiv=refresh content=${seconds}></noscript>`,
    '<style>html{color-scheme:light dark;background:canvas}body{font:1.1em/1.5 sans-serif;max-width:34em;margin:12vh auto;padding:1em}</style>',
    `<main><h1>${escapeMarkup(title)}</h1><p role=status>${escapeMarkup(message)}</p><p><a href="">${escapeMarkup(retry)}</a></p></main>`,
    // From half of the time to one and a half: browsers that were refused together do not come back together.
    `<script>const l=location,u=l.origin+l.pathname+l.search,t=()=>setTimeout(()=>fetch(u,{method:'HEAD',cache:'no-store',redirect:'manual'}).then(r=>r.status==503?t():l.replace(u),t),${seconds * 500}+Math.random()*${seconds * 1_000});t()</script></html>`,
  ].join('');
}
