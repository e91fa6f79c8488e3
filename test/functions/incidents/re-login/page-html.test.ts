import { describe, expect, it } from 'vitest';
import { MOST_BODY_BYTES } from '../../../../functions/incidents/contract/environment.ts';
import { reLoginHtml } from '../../../../functions/incidents/re-login/choose-rule.ts';
import { DEFAULT_PAGE } from '../../../../infra/config/fleet-incidents.ts';

const html = reLoginHtml(DEFAULT_PAGE);

describe('the re-login page', () => {
  it('fits into a fixed response with its default texts, and leaves room for longer ones', () => {
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(MOST_BODY_BYTES - 50);
  });

  it('loads nothing from elsewhere, and names its language', () => {
    expect(html).not.toMatch(/https?:|\bsrc=|<link|@import|url\(/);
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
  });

  it('tries again by itself, with scripts and without', () => {
    expect(html).toContain('<noscript><meta http-equiv=refresh content=15></noscript>');
    expect(html).toContain('7500+Math.random()*15000');
  });

  it('shows texts as they are written, markup included', () => {
    const written = reLoginHtml({ language: 'ko', title: 'A & <B>', message: '"안녕"', retry: "it's", retrySeconds: 5 });
    expect(written).toContain('<title>A &amp; &lt;B&gt;</title>');
    expect(written).toContain('<p role=status>&#34;안녕&#34;</p>');
    expect(written).toContain('<html lang="ko">');
  });
});
