/**
 * Sanitizes HTML and Markdown of functions and dashboard bodies: removes scripts, event attributes, frames, `<use>`, forms, and
 * `<cwdb-action>`, which the console does not support.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_security.html
 */
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const FORBIDDEN = ['iframe', 'use', 'form', 'object', 'embed', 'link', 'meta', 'base', 'dialog'];

/** Content and its style sheets, which the caller adds to the content's shadow root. */
export interface SafeHtml {
  readonly content: DocumentFragment;
  readonly styles: readonly string[];
}

export function safeHtml(html: string): SafeHtml {
  // A template's document runs and loads nothing. Style sheets are taken out first: the page's policy allows no inline ones.
  const template = document.createElement('template');
  template.innerHTML = html;
  const styles = [...template.content.querySelectorAll('style')].map((style) => {
    style.remove();
    return style.textContent ?? '';
  });
  const content = DOMPurify.sanitize(template.content, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: FORBIDDEN,
    // These show an element above all others, whatever it is in.
    FORBID_ATTR: ['popover', 'popovertarget', 'popovertargetaction', 'command', 'commandfor'],
    FORBID_CONTENTS: ['script', 'iframe', 'cwdb-action', 'template', 'noscript', 'object'],
    // Only links that a browser opens as a page are kept.
    ALLOWED_URI_REGEXP: /^(?:https?:|#)/i,
  });
  for (const link of content.querySelectorAll('a')) {
    if (link.getAttribute('href')?.startsWith('#')) continue;
    // These are set as attributes, because an SVG link has them as read-only properties.
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  return { content, styles };
}

export const safeMarkdown = (markdown: string): SafeHtml => safeHtml(marked.parse(markdown, { async: false, gfm: true }));
