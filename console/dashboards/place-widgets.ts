/** Places widgets on a dashboard's grid. Pure. */
import type { BodyWidget } from './body.ts';

export const COLUMNS = 24;
/** CloudWatch's default width and height. */
const DEFAULT_SIZE = 6;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Places in the order of the widgets. A widget without a position goes next to the previous one, or below all when the row is full. */
export function placeWidgets(widgets: readonly BodyWidget[]): Place[] {
  let next = { x: 0, y: 0 };
  let bottom = 0;
  return widgets.map(({ x, y, width = DEFAULT_SIZE, height = DEFAULT_SIZE }) => {
    const fits = next.x + width <= COLUMNS;
    const place = { x: x ?? (fits ? next.x : 0), y: y ?? (fits ? next.y : bottom), width: Math.min(width, COLUMNS), height };
    next = { x: place.x + place.width, y: place.y };
    bottom = Math.max(bottom, place.y + place.height);
    return place;
  });
}
