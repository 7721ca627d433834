/** The events and stages of a run in bounded memory: which are kept and which are dropped. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ComputeStage } from "../../../../simulator/devices/compute/compute-load.ts";
import { Chronicle } from "../../../../simulator/tools/plot/chronicle.ts";

describe("chronicle of a run", () => {
  it("keeps the first and the last events, and counts the others", () => {
    const chronicle = new Chronicle();
    for (let nanos = 0; nanos < 100_000; nanos++)
      chronicle.event({ nanos, text: `${nanos}`, isFault: false });
    const kept = chronicle.events.map(({ nanos }) => nanos);
    assert.deepEqual([kept[0], kept[17], kept[18], kept.at(-1)], [0, 17, 99_982, 99_999]);
    assert.equal(kept.length + chronicle.leftOut, 100_000);
  });

  it("a fault in the middle is kept, whatever happens around it", () => {
    const chronicle = new Chronicle();
    for (let nanos = 0; nanos < 1000; nanos++) chronicle.event({ nanos, text: "EN_5V on", isFault: false });
    chronicle.event({ nanos: 1000, text: "PG_5V lost", isFault: true });
    for (let nanos = 1001; nanos < 2000; nanos++)
      chronicle.event({ nanos, text: "EN_5V on", isFault: false });
    assert.deepEqual(chronicle.events[18], { nanos: 1000, text: "PG_5V lost", isFault: true, order: 1000 });
  });

  it("events of one instant stay in their order, faults or not", () => {
    const chronicle = new Chronicle();
    for (const [index, text] of ["a", "b", "c", "d"].entries()) {
      chronicle.event({ nanos: 5, text, isFault: index % 2 === 0 });
    }
    assert.equal(chronicle.events.map(({ text }) => text).join(""), "abcd");
  });

  it("drops the shortest of many stages", () => {
    const chronicle = new Chronicle();
    let nanos = 0;
    const stages: [ComputeStage, number][] = [
      ["kernel", 5000],
      ["reset", 1],
      ["userspace", 7000],
    ];
    for (let turn = 0; turn < 1000; turn++) {
      for (const [stage, length] of stages) {
        chronicle.stage(nanos, stage);
        nanos += length;
      }
    }
    const { spans } = chronicle;
    assert.equal(spans.length, 120);
    assert.equal(spans[0]?.fromNanos, 0);
    assert.ok(
      !spans.slice(1, -1).some(({ stage }) => stage === "reset"),
      "a millionth of the run is not seen",
    );
    for (const [index, span] of spans.entries()) {
      assert.ok(index === 0 || span.fromNanos > (spans[index - 1]?.fromNanos ?? 0), "in the order of time");
    }
  });
});
