import { expect, it } from 'vitest';
import { DARK, LIGHT, type Theme } from '../../../console/browser/theme.ts';

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** The bodies' own colours: alarms and failed deploys, deploys. */
const OF_BODIES = ['#d13212', '#879596'];

it.each<[string, Theme]>([
  ['light', LIGHT],
  ['dark', DARK],
])('what a canvas shows stands out from its panel: %s', (_, theme) => {
  const against = (color: string) => contrast(color, theme.panel);
  for (const color of [...theme.series, theme.bad, ...OF_BODIES]) expect(against(color), color).toBeGreaterThanOrEqual(3);
  for (const color of [theme.text, theme.faint, ...Object.values(theme.phases)]) expect(against(color), color).toBeGreaterThanOrEqual(4.5);
});
