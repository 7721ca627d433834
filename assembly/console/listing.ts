/**
 * Prints long lists over several passes, a few lines whenever the console has room. So a list needs neither a
 * long pass nor a large buffer. Ctrl-C ends a list early.
 */

import { EVENT_LOG_ENTRIES, EVENT_LOG_REPEATING } from "../capacities";
import * as history from "../events/history";
import * as log from "../events/log";
import { TRACE_LENGTH } from "../generated/abi";
import { eventLine } from "./event-view";
import { free, setTerminal, Terminal, terminal, wrapLines } from "./output";
import { historyEnd, historyLine, traceLine } from "./power-view";

export enum Listing {
  History,
  Events,
  Trace,
}

/** Lines printed in one pass at most. Our choice: about 2 ms with the slowest engine. */
const LINES_PER_PASS = 4;
/** Events printed at most, for events that come as fast as they are printed. */
const EVENTS_MOST = EVENT_LOG_ENTRIES + EVENT_LOG_REPEATING;
/** Bytes of the longest line. */
const LINE_ROOM: u32 = 256;

let listing: Listing = Listing.History;
/** Index of the next line, and behind the last one. */
let next: u32 = 0;
let end: u32 = 0;
let eventsLeft: u32 = 0;

export function isActive(): bool {
  return terminal == Terminal.LISTING;
}

/**
 * Begins a list with the oldest entry. Entries that are added while the list is printed are not shown, but
 * for events: one that repeats meanwhile is among the new ones, and no longer where it was.
 */
export function begin(wanted: Listing): void {
  listing = wanted;
  setTerminal(Terminal.LISTING);
  switch (wanted) {
    case Listing.History:
      next = history.oldest();
      end = history.end();
      break;
    case Listing.Events:
      next = 0;
      eventsLeft = EVENTS_MOST;
      break;
    default:
      next = 0;
      end = TRACE_LENGTH;
  }
}

export function cancel(): void {
  setTerminal(Terminal.LINE);
}

/**
 * Prints the next lines. True if the list wants to continue as soon as the console has room, without waiting
 * for an event.
 */
export function step(): bool {
  wrapLines(true);
  lines();
  wrapLines(false);
  return true;
}

function lines(): void {
  for (let i = 0; i < LINES_PER_PASS; i++) {
    if (free() < LINE_ROOM) return;
    if (listing == Listing.Events) {
      next = log.next(next);
      end = eventsLeft-- > 0 ? log.end() : 0;
    }
    if (next >= end) {
      if (listing == Listing.History) historyEnd();
      setTerminal(Terminal.LINE);
      return;
    }
    line();
    next++;
  }
}

function line(): void {
  switch (listing) {
    case Listing.History:
      // Entries that were overwritten while the list is printed are skipped.
      if (next >= history.oldest()) historyLine(next);
      break;
    case Listing.Events:
      eventLine(next);
      break;
    default:
      if (!traceLine(next)) next = end;
  }
}
