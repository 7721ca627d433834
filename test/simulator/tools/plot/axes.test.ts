/** The axes of a plot and the numbered marks above it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { placeMarkers } from "../../../../simulator/tools/plot/markers.ts";
import { roundStep, timeAxis, valueAxis } from "../../../../simulator/tools/plot/ticks.ts";

const labels = ({ ticks }: { readonly ticks: readonly { readonly label: string }[] }) =>
  ticks.map(({ label }) => label).join(" ");

describe("axes", () => {
  it("step by 1, 2 or 5 times a power of ten", () => {
    assert.deepEqual(
      [0.011, 0.02, 0.3, 1, 1.01, 6, 40, 99].map(roundStep),
      [0.02, 0.02, 0.5, 1, 2, 10, 50, 100],
    );
  });

  it("of values begin at 0 and end with a tick above the highest", () => {
    assert.equal(labels(valueAxis(4.81, 5)), "0 1 2 3 4 5");
    assert.equal(labels(valueAxis(5.1, 5)), "0 2 4 6");
    assert.equal(labels(valueAxis(0.95, 5)), "0.0 0.2 0.4 0.6 0.8 1.0");
    assert.equal(labels(valueAxis(21.1, 5)), "0 5 10 15 20 25");
    for (let highest = 0.003; highest < 500; highest *= 1.07) {
      const { end, ticks } = valueAxis(highest, 5);
      assert.ok(end >= highest * (1 - 1e-9) && ticks.length >= 2 && ticks.length <= 6, `${highest}: ${end}`);
      assert.equal(ticks.at(-1)?.value, end);
      assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length, `${highest}: labels differ`);
    }
    assert.ok(valueAxis(0, 5).end > 0, "an axis of zeros has a length too");
  });

  it("of time count as people do, in seconds and from ten minutes on in hours, minutes and seconds", () => {
    assert.equal(labels(timeAxis(0.374, 12)), "0.00 0.05 0.10 0.15 0.20 0.25 0.30 0.35");
    assert.equal(labels(timeAxis(25, 15)), "0 2 4 6 8 10 12 14 16 18 20 22 24");
    assert.equal(labels(timeAxis(82, 15)), "0 10 20 30 40 50 60 70 80");
    assert.equal(labels(timeAxis(4000, 8)), "0:00:00 0:10:00 0:20:00 0:30:00 0:40:00 0:50:00 1:00:00");
    for (let seconds = 1e-3; seconds < 1e7; seconds *= 1.3) {
      const { ticks } = timeAxis(seconds, 12);
      assert.ok(ticks.length >= 2 && ticks.length <= 13, `${seconds} s: ${ticks.length} ticks`);
      assert.ok((ticks.at(-1)?.value ?? 0) <= seconds);
    }
  });
});

describe("markers", () => {
  const event = (nanos: number, isFault = false) => ({ nanos, text: "", isFault });
  const place = (nanos: number) => nanos;

  it("number each event, and share a label where there is no room", () => {
    const found = placeMarkers([event(0), event(1), event(2), event(100), event(200, true)], place);
    assert.deepEqual(
      found.map(({ label, isFault, lines }) => [label, isFault, lines.length]),
      [
        ["1-3", false, 3],
        ["4", false, 1],
        ["5", true, 1],
      ],
    );
  });

  it("never let labels touch, and never forget an event", () => {
    for (const spread of [0, 1, 3, 8, 14, 20, 25]) {
      const events = Array.from({ length: 60 }, (_, index) =>
        event(index * spread + (index % 7) * (spread / 9)),
      );
      const found = placeMarkers(events, place);
      const numbers = found.flatMap(({ label }) => {
        const [first, last = first] = label.split("-").map(Number) as [number, number?];
        return Array.from({ length: last - first + 1 }, (_, index) => first + index);
      });
      assert.deepEqual(
        numbers,
        events.map((_, index) => index + 1),
      );
      for (const [index, { labelX, label }] of found.entries()) {
        const next = found[index + 1];
        if (next)
          assert.ok(next.labelX - labelX > 3 * (label.length + next.label.length), `spread ${spread}`);
      }
    }
  });
});
