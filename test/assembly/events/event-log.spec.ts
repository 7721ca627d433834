/** The event log: equal neighbours are counted as one event, and the oldest events make room for new ones. */

import { EVENT_LOG_ENTRIES, EVENT_LOG_REPEATING, POWER_HISTORY_ENTRIES } from "../../../assembly/capacities";
import * as history from "../../../assembly/events/history";
import {
  countOf,
  detailOf,
  end,
  firstTime_us,
  kindOf,
  lastTime_us,
  limitOf,
  measuredOf,
  next,
  originOf,
  record,
  subjectOf,
} from "../../../assembly/events/log";
import { EventKind, Origin } from "../../../assembly/generated/vocabulary";

/** Later than 32 bits of microseconds. */
const T: u64 = 1 << 40;

/** Notes an event that differs from all others in the test, so that no two of them are neighbours. */
let separators: u32 = 0;
function separate(): void {
  record(T, EventKind.Policy, Origin.Console, separators++ & 1, 200);
}

describe("an event", () => {
  test("is kept with all its fields", () => {
    separate();
    const at = end();
    record(T + 5, EventKind.Warning, Origin.Fault, 255, 23, -40000, i32.MIN_VALUE);
    expect(end()).toBe(at + 1);
    expect(kindOf(at)).toBe(EventKind.Warning);
    expect(originOf(at)).toBe(Origin.Fault);
    expect(detailOf(at)).toBe(255);
    expect(subjectOf(at)).toBe(23);
    expect(measuredOf(at)).toBe(-40000);
    expect(limitOf(at)).toBe(i32.MIN_VALUE);
    expect(countOf(at)).toBe(1);
    expect(firstTime_us(at)).toBe(T + 5);
    expect(lastTime_us(at)).toBe(T + 5);
  });

  test("without numbers has zeros", () => {
    record(T, EventKind.Inserted, Origin.Bmc, 0, 0);
    expect(measuredOf(end() - 1)).toBe(0);
    expect(limitOf(end() - 1)).toBe(0);
  });
});

describe("equal neighbours", () => {
  test("are counted, with the first and the last time and the last numbers", () => {
    separate();
    const at = end();
    for (let i = 0; i < 1000; i++) record(T + i, EventKind.Fault, Origin.Policy, 7, 3, 5000 + i, 4000 - i);
    expect(end()).toBe(at + 1);
    expect(countOf(at)).toBe(1000);
    expect(firstTime_us(at)).toBe(T);
    expect(lastTime_us(at)).toBe(T + 999);
    expect(measuredOf(at)).toBe(5999);
    expect(limitOf(at)).toBe(3001);
  });

  test("are equal in kind, origin, detail and subject; a difference in one of them makes another event", () => {
    separate();
    const at = end();
    record(T, EventKind.Fault, Origin.Policy, 7, 3);
    record(T, EventKind.Warning, Origin.Policy, 7, 3);
    record(T, EventKind.Warning, Origin.Smbus, 7, 3);
    record(T, EventKind.Warning, Origin.Smbus, 8, 3);
    record(T, EventKind.Warning, Origin.Smbus, 8, 4);
    expect(end()).toBe(at + 5);
    for (let i: u32 = 0; i < 5; i++) expect(countOf(at + i)).toBe(1);
    record(T, EventKind.Warning, Origin.Smbus, 8, 4);
    expect(end()).toBe(at + 5);
    expect(countOf(at + 4)).toBe(2);
  });

  test("with another event between them are events of their own", () => {
    separate();
    const at = end();
    for (let i = 0; i < 10; i++) {
      record(T, EventKind.Inserted, Origin.Bmc, 0, 0);
      record(T, EventKind.Removed, Origin.Bmc, 0, 0);
    }
    expect(end()).toBe(at + 20);
    expect(countOf(at)).toBe(1);
  });
});

describe("a full log", () => {
  test("drops the oldest event with each new one, and keeps the others unchanged", () => {
    const first = end();
    for (let i: u32 = 0; i < 3 * EVENT_LOG_ENTRIES; i++) {
      record(T + i, EventKind.Policy, Origin.Bmc, i & 0xff, i & 0xff, <i32>i, -(<i32>i));
      expect(end()).toBe(first + i + 1);
    }
    expect(end() - next(first)).toBe(EVENT_LOG_ENTRIES);
    for (let index = next(first); index < end(); index++) {
      const i = index - first;
      expect(firstTime_us(index)).toBe(T + i);
      expect(detailOf(index)).toBe(i & 0xff);
      expect(measuredOf(index)).toBe(<i32>i);
      expect(limitOf(index)).toBe(-(<i32>i));
      expect(countOf(index)).toBe(1);
    }
  });

  test("is not pushed out by a contact that bounces", () => {
    const begin = end() - EVENT_LOG_ENTRIES;
    record(T, EventKind.Removed, Origin.Bmc, 0, 0);
    for (let i = 0; i < 100000; i++) record(T + i, EventKind.Removed, Origin.Bmc, 0, 0);
    expect(next(begin)).toBe(begin + 1);
    expect(countOf(end() - 1)).toBe(100001);
  });

  test("does not count a new event together with the old one in the same entry", () => {
    // The entry of the next event still has the oldest event, which is equal to it.
    const last = next(end() - EVENT_LOG_ENTRIES);
    const at = end();
    record(T, kindOf(last), originOf(last), detailOf(last), subjectOf(last), 1, 2);
    expect(end()).toBe(at + 1);
    expect(countOf(at)).toBe(1);
  });
});

describe("events that repeat", () => {
  test("take no room from others, however long a reading swings around its limit", () => {
    record(T, EventKind.Started, Origin.Bmc, 1, 0);
    const start = end() - 1;
    for (let i = 0; i < 10000; i++) {
      record(T + i, EventKind.Warning, Origin.Bmc, 0, 1, 5000 + i);
      record(T + i, EventKind.Warning, Origin.Bmc, 0, 5, 3000);
      record(T + i, EventKind.WarningOver, Origin.Bmc, 0, 1, 4000);
      record(T + i, EventKind.WarningOver, Origin.Bmc, 0, 5, 2000);
    }
    expect(next(start)).toBe(start, "the start is kept");
    const first = end() - 4;
    expect(next(start + 1)).toBe(first, "one entry for each, and their old numbers are gone");
    expect(kindOf(first)).toBe(EventKind.Warning);
    expect(subjectOf(first)).toBe(1);
    expect(countOf(first)).toBe(10000);
    expect(firstTime_us(first)).toBe(T);
    expect(lastTime_us(first)).toBe(T + 9999);
    expect(measuredOf(first)).toBe(5000 + 9999);
    expect(subjectOf(end() - 1)).toBe(5);
    expect(kindOf(end() - 1)).toBe(EventKind.WarningOver);
  });

  test("replace the oldest of their kind when there are too many different ones", () => {
    record(T, EventKind.Started, Origin.Bmc, 2, 0);
    const start = end() - 1;
    for (let i: u32 = 0; i < EVENT_LOG_REPEATING + 10; i++)
      record(T, EventKind.Sensor, Origin.Bmc, 1, 50 + i, <i32>i);
    expect(next(start)).toBe(start);
    expect(next(start + 1)).toBe(end() - EVENT_LOG_REPEATING);
    expect(subjectOf(next(start + 1))).toBe(60);
    record(T, EventKind.Sensor, Origin.Bmc, 1, 50);
    expect(countOf(end() - 1)).toBe(1, "it was gone, and so it is new");
  });

  test("count in their place while nothing else comes", () => {
    record(T, EventKind.Monitor, Origin.Bmc, 3, 0);
    const at = end() - 1;
    record(T + 1, EventKind.Monitor, Origin.Bmc, 3, 0);
    expect(end()).toBe(at + 1);
    expect(countOf(at)).toBe(2);
  });
});

describe("the history of the sequencer", () => {
  test("keeps the newest transitions, equal ones too", () => {
    expect(history.end()).toBe(0);
    expect(history.oldest()).toBe(0);
    const transition = new history.Transition();
    transition.reason = 1;
    transition.origin = 2;
    transition.rail = 255;
    for (let i: u32 = 0; i < 2 * POWER_HISTORY_ENTRIES + 5; i++) {
      transition.time_us = T + i;
      transition.state = (i / 2) & 0xff;
      transition.detail = 1000 * i;
      transition.faults = i;
      history.record(transition);
      expect(history.end()).toBe(i + 1);
    }
    expect(history.oldest()).toBe(POWER_HISTORY_ENTRIES + 5);
    for (let index = history.oldest(); index < history.end(); index++) {
      expect(history.time_us(index)).toBe(T + index);
      expect(history.stateOf(index)).toBe(index / 2);
      expect(history.reasonOf(index)).toBe(1);
      expect(history.originOf(index)).toBe(2);
      expect(history.railOf(index)).toBe(255);
      expect(history.detailOf(index)).toBe(1000 * index);
      expect(history.faultsAt(index)).toBe(index & 0xff);
    }
    transition.detail = history.MAXIMUM_DETAIL + 1;
    history.record(transition);
    expect(history.detailOf(history.end() - 1)).toBe(
      history.MAXIMUM_DETAIL,
      "no carry into what lies beside it",
    );
  });
});
