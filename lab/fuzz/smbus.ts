/**
 * `npm run fuzz:smbus`: sends random traffic to the slot's SMBus and compares it with a plain model of what
 * PMBus and our table of commands promise. First millions of messages go to the logic in Node, then
 * thousands to the image in the emulator, bit by bit and with faults of the bus. A contradiction prints its
 * seed and what led to it.
 */
import { fileURLToPath } from "node:url";
import { readOptions } from "../../cli/options.ts";
import { BuildError } from "../../simulator/tools/build-directory.ts";
import { EmulatorRun } from "./smbus/emulator.ts";
import { Contradiction } from "./smbus/history.ts";
import { NodeRun } from "./smbus/node.ts";

const USAGE = `usage: npm run fuzz:smbus -- [--node N] [--emulator N] [--seed N] [--board NAME]

Random SMBus traffic at a slot, compared with a model. Exit status 1 if slot and model disagree.
  --node N      transactions at the logic in Node; default: 2000000; 0 for none
  --emulator N  transactions at the image in the emulator; default: 50000; 0 for none
  --seed N      the seed of the first run; default: 1. The others follow
  --board NAME  the board, as built in build/NAME; default: slot-hat`;

const WHOLE = /^\d{1,9}$/;
const BOARD = /^[\w-]+$/;
/** A new slot after this many transactions, because a run may never reach some states again. */
const NODE_RUN = 100_000;
const EMULATOR_RUN = 2500;

interface Run {
  readonly transactions: number;
  step(): void;
}

interface Sum {
  transactions: number;
  runs: number;
}

/**
 * Makes runs until there are `count` transactions, `each` of them in a run. Prints a line after every
 * tenth.
 */
function runs(what: string, count: number, each: number, seed: number, begin: (seed: number) => Run): Sum {
  const sum = { transactions: 0, runs: 0 };
  const started = performance.now();
  let said = 0;
  while (sum.transactions < count) {
    const run = begin(seed + sum.runs++);
    const wanted = Math.min(each, count - sum.transactions);
    while (run.transactions < wanted) run.step();
    sum.transactions += run.transactions;
    if (sum.transactions - said < count / 10 && sum.transactions < count) continue;
    said = sum.transactions;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${what}: ${sum.transactions} of ${count} transactions, ${seconds} s`);
  }
  return sum;
}

function main(words: readonly string[]): number {
  const given = readOptions(words, USAGE, ["node", "emulator", "seed", "board"], (values) => {
    const { node = "1", emulator = "1", seed = "1", board = "slot-hat" } = values;
    if (![node, emulator, seed].every((text) => WHOLE.test(text)) || !BOARD.test(board))
      throw new Error("--node, --emulator and --seed must be whole numbers, --board the name of a board");
  });
  if (typeof given === "number") return given;
  const { node = "2000000", emulator = "50000", seed = "1", board = "slot-hat" } = given;
  const directory = fileURLToPath(new URL(`../../build/${board}`, import.meta.url));
  const first = Number(seed);
  let faults = 0;
  let alerts = 0;
  let last: EmulatorRun | null = null;
  const settle = () => {
    faults += last?.faults ?? 0;
    alerts += last?.alerts ?? 0;
  };
  try {
    const logic = runs("Node", Number(node), NODE_RUN, first, (own) => new NodeRun(directory, own));
    const image = runs("emulator", Number(emulator), EMULATOR_RUN, first, (own) => {
      settle();
      last = new EmulatorRun(directory, own);
      return last;
    });
    settle();
    console.log(
      [
        `no contradiction: ${logic.transactions} transactions in Node (${logic.runs} runs),`,
        `${image.transactions} in the emulator (${image.runs} runs), ${faults} with a fault of the bus,`,
        `${alerts} alert responses`,
      ].join(" "),
    );
    return 0;
  } catch (error) {
    if (error instanceof BuildError) {
      console.error(`error: ${error.message}`);
      return 2;
    }
    if (!(error instanceof Contradiction)) throw error;
    console.error(error.message);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
