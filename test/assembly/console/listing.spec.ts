/** `events` while events come: one that repeats meanwhile has moved to the end, and must not be missed. */

import { EVENT_LOG_ENTRIES, EVENT_LOG_REPEATING } from "../../../assembly/capacities";
import { CharCode } from "../../../assembly/console/char-code";
import { begin, isActive, Listing, step } from "../../../assembly/console/listing";
import { printed, printedAt } from "../../../assembly/console/output";
import { record } from "../../../assembly/events/log";
import { EventKind, Origin } from "../../../assembly/generated/vocabulary";

/** Lines printed from a position on. */
function linesFrom(position: u32): i32 {
  let lines = 0;
  for (let at = position; at < printed(); at++) if (printedAt(at) == CharCode.LINE_FEED) lines++;
  return lines;
}

function swing(): void {
  record(3000000, EventKind.Warning, Origin.Bmc, 0, 1, 5400, 5250);
  record(3000000, EventKind.WarningOver, Origin.Bmc, 0, 1, 5100, 5250);
}

describe("the list of events", () => {
  test("has a warning that comes and goes while it is printed, and ends", () => {
    for (let i = 0; i < 4; i++) record(1000000, EventKind.Inserted, Origin.Bmc, i & 1, 0);
    swing();
    const from = printed();
    begin(Listing.Events);
    let steps = 0;
    for (; isActive() && steps < 50; steps++) {
      step();
      if (steps < 5) swing();
    }
    expect(isActive()).toBe(false);
    expect(linesFrom(from)).toBe(6);
  });

  test("ends where events come as fast as they are printed", () => {
    const from = printed();
    begin(Listing.Events);
    let steps = 0;
    for (; isActive() && steps < 1000; steps++) {
      step();
      for (let i = 0; i < 4; i++) record(4000000, EventKind.Removed, Origin.Bmc, i & 1, 0);
    }
    expect(isActive()).toBe(false);
    expect(linesFrom(from) <= <i32>(EVENT_LOG_ENTRIES + EVENT_LOG_REPEATING)).toBe(true);
  });
});
