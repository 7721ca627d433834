/**
 * Tests the power sequencer by itself: every state with every input, deadline, command and restart, and a
 * short random run; `npm run fuzz:power` makes the long one. The invariants are in
 * lab/fuzz/power/invariants.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { State } from "../../../abi/generated/vocabulary.ts";
import { compileSequencer, Machine } from "../../../lab/fuzz/power/machine.ts";
import { RandomRun } from "../../../lab/fuzz/power/random.ts";
import { Violation } from "../../../lab/fuzz/power/violation.ts";
import { STATES_LIMIT, Walk, type Walked } from "../../../lab/fuzz/power/walk.ts";
import { Worlds } from "../../../lab/fuzz/power/worlds.ts";
import { loadBoard } from "../../../scripts/boards.ts";
import { loadExample } from "../../support/example-boards.ts";

const SEED = 2026;
const RANDOM_STEPS = 500_000;

describe("the power sequencer by itself", () => {
  let machine: Machine;
  let walk: Walk;
  let walked: Walked;

  before(async () => {
    machine = new Machine(await compileSequencer(loadBoard("slot-hat")));
  });

  it("keeps its invariants in every state, whatever comes, and comes to rest in every world", (context) => {
    const worlds = new Worlds(machine);
    walk = new Walk(machine, STATES_LIMIT);
    walked = walk.run((key, outputs) => worlds.visit(key, outputs));
    const { states, transitions, combinations, restarts } = walked;
    context.diagnostic(
      `${states} states, ${transitions} transitions that stand for ${combinations}, ${restarts} restarts`,
    );
    const visited = new Set([...walk.outputs.keys()].map((key) => key % 16));
    assert.deepEqual(visited, new Set(Object.values(State)), "every state was reached");
    assert.ok(transitions > 1_000_000 && restarts > 10_000);
  });

  it("keeps them over half a million random steps, in no state that the walk has not found", (context) => {
    context.diagnostic(`seed ${SEED}`);
    const run = new RandomRun(machine, SEED, walk.outputs);
    while (run.steps < RANDOM_STEPS) run.go();
    assert.ok(run.restarts > 500, `${run.restarts} restarts`);
    assert.ok(run.recovered > 100, `brought up ${run.recovered} times`);
    const visited = new Set([...run.visited].map((key) => key % 16));
    assert.deepEqual(visited, new Set(Object.values(State)), "every state was visited");
  });

  it("breaks them when it is broken: a slot that does not look at its board", async () => {
    const broken = await compileSequencer(loadBoard("slot-hat"), (source) =>
      source.replace("if (!isRemoved) return false;", "return false;"),
    );
    assert.throws(() => new Walk(new Machine(broken), STATES_LIMIT).run(), {
      constructor: Violation,
      message: /broken: a board that is gone for long enough takes its power down/,
    });
  });
});

describe("the power sequencer of boards with other rails", () => {
  it("keeps its invariants in every state of a board with one rail, and over random steps", async () => {
    const machine = new Machine(await compileSequencer(loadExample("five-volt-only")));
    const worlds = new Worlds(machine);
    const walk = new Walk(machine, STATES_LIMIT);
    walk.run((key, outputs) => worlds.visit(key, outputs));
    const visited = new Set([...walk.outputs.keys()].map((key) => key % 16));
    assert.deepEqual(visited, new Set(Object.values(State)), "every state was reached");
    const run = new RandomRun(machine, SEED, walk.outputs);
    while (run.steps < RANDOM_STEPS) run.go();
    assert.ok(run.recovered > 100, `brought up ${run.recovered} times`);
  });

  // The walk over three rails takes many minutes.
  it("keeps them over random steps of a board whose compute rail is the second of three", async () => {
    const machine = new Machine(await compileSequencer(loadExample("three-rails")));
    assert.deepEqual([machine.timing.rails, machine.timing.computeRail], [3, 1]);
    const run = new RandomRun(machine, SEED);
    while (run.steps < RANDOM_STEPS) run.go();
    assert.ok(run.restarts > 500, `${run.restarts} restarts`);
    assert.ok(run.recovered > 100, `brought up ${run.recovered} times`);
    const visited = new Set([...run.visited].map((key) => key % 16));
    assert.deepEqual(visited, new Set(Object.values(State)), "every state was visited");
  });
});
