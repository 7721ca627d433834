/** A run's samples in bounded memory: no extreme is lost, and means stay right when buckets merge. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Extent } from "../../../../simulator/tools/plot/buckets.ts";
import { Envelope } from "../../../../simulator/tools/plot/envelope.ts";

const HOUR_NANOS = 3600e9;

/** A repeatable sequence in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the envelope of a run", () => {
  it("keeps a dip of one sample and its time, however long the run", () => {
    for (const dipAt of [0, 0.1, 0.5, 0.77777, 1]) {
      const envelope = new Envelope(1);
      const samples = 400_000;
      const dipIndex = Math.round(dipAt * samples);
      for (let index = 0; index <= samples; index++) {
        envelope.add((index * HOUR_NANOS) / samples, [index === dipIndex ? 12 : 5000]);
      }
      const columns = envelope.columns(0, 740);
      const low = columns.flatMap((extent, column) => (extent && extent.lowest < 5000 ? [column] : []));
      assert.equal(low.length, 1, `a dip at ${dipAt} is in one column`);
      assert.ok(Math.abs((low[0] as number) / 740 - dipAt) < 2 / 740, `${low[0]} of 740 for ${dipAt}`);
      assert.equal(columns[low[0] as number]?.lowest, 12);
      assert.equal(columns[low[0] as number]?.highest, 5000);
      assert.ok(envelope.length <= 4096, "memory stays what it was");
    }
  });

  it("puts every sample into one column, with lowest, mean and highest of each quantity", () => {
    const random = randomNumbers(7);
    const envelope = new Envelope(2);
    const all: [number, number][] = [];
    for (let nanos = 0; all.length < 20_000; nanos += 1e6 * random()) {
      const values: [number, number] = [1000 * random(), -random()];
      all.push(values);
      envelope.add(nanos, values);
    }
    for (const quantity of [0, 1]) {
      const own = all.map((values) => values[quantity] as number);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const whole = envelope.extent(quantity) as Extent;
      assert.equal(whole.lowest, Math.min(...own));
      assert.equal(whole.highest, Math.max(...own));
      assert.ok(Math.abs(whole.mean - mean) < 1e-9 * Math.abs(mean) * own.length);
      const columns = envelope.columns(quantity, 100) as Extent[];
      assert.equal(Math.min(...columns.map((extent) => extent.lowest)), Math.min(...own));
      assert.equal(Math.max(...columns.map((extent) => extent.highest)), Math.max(...own));
    }
  });

  it("weighs the mean by samples when buckets merge", () => {
    const envelope = new Envelope(1);
    // Nine samples of 0 in the first bucket and one of 10 in the second. A sample much later makes the
    // buckets merge often.
    for (let index = 0; index < 9; index++) envelope.add(index * 1e4, [0]);
    envelope.add(1.5e6, [10]);
    envelope.add(4000e9, [0]);
    assert.equal(envelope.columns(0, envelope.length)[0]?.mean, 1);
  });

  it("has no extent before the first sample", () => {
    assert.deepEqual([new Envelope(1).extent(0), new Envelope(1).columns(0, 1)], [null, [null]]);
  });
});
