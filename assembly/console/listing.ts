/**
 * Answers of many lines: a list printed line by line whenever the console has room, so that neither a
 * pass nor a buffer has to hold all of it. Ctrl-C ends one early.
 */

import * as history from "../events/history";
import * as log from "../events/log";
import { TRACE_LENGTH } from "../generated/abi";
import { eventLine } from "./event-view";
import { free, setTerminal, Terminal, terminal } from "./output";
import { historyEnd, historyLine, traceLine } from "./power-view";

export enum Listing {
  History,
  Events,
  Trace,
}

/** Lines printed in one pass at most: about 2 ms under the slowest engine. Chosen. */
const LINES_PER_PASS = 4;
/** No line is longer. */
const LINE_ROOM: u32 = 256;

let listing: Listing = Listing.History;
let next: u32 = 0;
let end: u32 = 0;

export function isActive(): bool {
  return terminal == Terminal.LISTING;
}

/** Begins at the oldest entry; what is added meanwhile is not shown. */
export function begin(wanted: Listing): void {
  listing = wanted;
  setTerminal(Terminal.LISTING);
  switch (wanted) {
    case Listing.History:
      next = history.oldest();
      end = history.end();
      break;
    case Listing.Events:
      next = log.oldest();
      end = log.end();
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
 * Continues; true while there is more to do as soon as the console has room, without waiting for an
 * event.
 */
export function step(): bool {
  for (let i = 0; i < LINES_PER_PASS; i++) {
    if (free() < LINE_ROOM) return true;
    if (next == end) {
      if (listing == Listing.History) historyEnd();
      setTerminal(Terminal.LINE);
      return true;
    }
    line();
    next++;
  }
  return true;
}

function line(): void {
  switch (listing) {
    case Listing.History:
      // Overwritten while the list ran: gone, and the newer ones tell as much.
      if (next >= history.oldest()) historyLine(next);
      break;
    case Listing.Events:
      if (next >= log.oldest()) eventLine(next);
      break;
    default:
      traceLine(next);
  }
}
