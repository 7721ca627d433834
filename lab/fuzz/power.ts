/**
 * `npm run fuzz:power`: tests the power sequencer by itself. First it walks over every state the sequencer
 * can be in, with every input and every deadline. Then it takes millions of random steps and checks the
 * same invariants.
 */

import { readOptions } from "../../cli/options.ts";
import { listBoards, loadBoard } from "../../scripts/boards.ts";
import { compileSequencer, Machine } from "./power/machine.ts";
import { RandomRun } from "./power/random.ts";
import { Violation } from "./power/violation.ts";
import { STATES_LIMIT, Walk } from "./power/walk.ts";
import { Worlds } from "./power/worlds.ts";

const USAGE = `usage: npm run fuzz:power -- [--steps N] [--seed N] [--board NAME]

Walks over every state of the power sequencer, then takes random steps through it. Exit status 1 and the
whole story if an invariant does not hold.
  --steps N     random steps; default: 10000000, which takes about a minute; 0 for the walk alone
  --seed N      the seed of the first run; default: 1. The others follow, one for each million steps
  --board NAME  the board whose rails and times apply; default: slot-hat`;

const WHOLE = /^\d{1,10}$/;
/** A new sequencer after this many steps, because a run may never reach some states again. */
const RUN = 1_000_000;

function walk(machine: Machine): Walk {
  const worlds = new Worlds(machine);
  const walk = new Walk(machine, STATES_LIMIT);
  const started = performance.now();
  let visits = 0;
  const { states, transitions, combinations, restarts } = walk.run((key, outputs) => {
    worlds.visit(key, outputs);
    if (++visits % 1000 === 0)
      console.error(`walk: ${visits} of the ${walk.outputs.size} states found so far`);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `walk: ${states} states, ${transitions} transitions that stand for ${combinations}, ${restarts} restarts, ` +
      `${worlds.longest_us.size} worlds from each, ${seconds} s`,
  );
  return walk;
}

function randomLives(
  machine: Machine,
  steps: number,
  seed: number,
  known: ReadonlyMap<number, number>,
): void {
  const sum = { steps: 0, runs: 0, restarts: 0, cameOn: 0, recovered: 0 };
  const visited = new Set<number>();
  const started = performance.now();
  while (sum.steps < steps) {
    const run = new RandomRun(machine, seed + sum.runs++, known);
    const wanted = Math.min(RUN, steps - sum.steps);
    while (run.steps < wanted) run.go();
    sum.steps += run.steps;
    sum.restarts += run.restarts;
    sum.cameOn += run.cameOn;
    sum.recovered += run.recovered;
    for (const key of run.visited) visited.add(key);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`random: ${sum.steps} of ${steps} steps, seed ${seed + sum.runs - 1}, ${seconds} s`);
  }
  console.log(
    `random: ${sum.steps} steps in ${sum.runs} runs from seed ${seed}, ${sum.restarts} restarts, came on ` +
      `${sum.cameOn} times, brought up ${sum.recovered} times, ${visited.size} of ${known.size} states visited`,
  );
}

async function main(words: readonly string[]): Promise<number> {
  const given = readOptions(words, USAGE, ["steps", "seed", "board"], (values) => {
    const { steps = "1", seed = "1", board = "slot-hat" } = values;
    if (!WHOLE.test(steps) || !WHOLE.test(seed)) throw new Error("--steps and --seed must be whole numbers");
    if (!listBoards().includes(board))
      throw new Error(`there is no board ${board}; known: ${listBoards().join(", ")}`);
  });
  if (typeof given === "number") return given;
  const { steps = "10000000", seed = "1", board = "slot-hat" } = given;
  const machine = new Machine(await compileSequencer(loadBoard(board)));
  try {
    const { outputs } = walk(machine);
    randomLives(machine, Number(steps), Number(seed), outputs);
    return 0;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    console.error(error.message);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
