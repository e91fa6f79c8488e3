import { escapeMarkup } from '../../shared/escape-markup.ts';
import type { ReLoginPage } from '../contract/environment.ts';

/**
 * The page as HTML, the body of a fixed response with status 503. It loads nothing. Its script asks for the same address from
 * time to time, each browser at its own, and opens it once the answer is another one: a reader is not interrupted by reloads, and
 * a form that led here is not sent again. Without scripts the browser reloads the page.
 *
 * The address has its origin: a path alone that begins with two slashes is the address of another site. It has no fragment, with which
 * nothing would be loaded. A redirect is an answer too, and not followed: a sign-on of another site would let no script read it.
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
