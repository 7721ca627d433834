/**
 * Numbered marks above a plot. Events that are too close for a number each share one label, such as "3-7".
 */
import type { SlotEvent } from "./slot-events.ts";

export interface Marker {
  /** Positions of its lines: one for each position that differs. */
  readonly lines: readonly number[];
  /** Middle of the label. */
  readonly labelX: number;
  readonly label: string;
  readonly isFault: boolean;
}

interface Group {
  first: number;
  last: number;
}

/** At the font size of the labels, with room between two. */
const DIGIT_WIDTH = 6.5;
const LABEL_GAP = 6;

/** Places the marks. `place` turns a time into a position. Events are numbered from 1 in their order. */
export function placeMarkers(events: readonly SlotEvent[], place: (nanos: number) => number): Marker[] {
  const at = (index: number) => place((events[index] as SlotEvent).nanos);
  const middle = ({ first, last }: Group) => (at(first) + at(last)) / 2;
  const reach = (group: Group) => (labelOf(group).length * DIGIT_WIDTH) / 2;
  const groups: Group[] = [];
  for (let index = 0; index < events.length; index++) {
    groups.push({ first: index, last: index });
    // A label that has grown may now touch the one before it.
    for (;;) {
      const [before, group] = groups.slice(-2) as [Group, Group | undefined];
      if (!group || middle(group) - reach(group) >= middle(before) + reach(before) + LABEL_GAP) break;
      groups.splice(-2, 2, { first: before.first, last: group.last });
    }
  }
  return groups.map((group) => {
    const members = events.slice(group.first, group.last + 1);
    const lines = new Set(members.map(({ nanos }) => Math.round(place(nanos))));
    return {
      lines: [...lines],
      labelX: middle(group),
      label: labelOf(group),
      isFault: members.some(({ isFault }) => isFault),
    };
  });
}

function labelOf({ first, last }: Group): string {
  return first === last ? `${first + 1}` : `${first + 1}-${last + 1}`;
}
