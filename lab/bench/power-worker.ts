/** The long runs of the power benchmark, each in a process of its own: a machine has more than one core. */
import { measureResets, type ResetFigures } from "./power-resets.ts";
import { type EnergyFigures, measureEnergy } from "./power-runs.ts";

export type LongRun =
  | { readonly run: "energy"; readonly directory: string; readonly minutes: number }
  | { readonly run: "resets"; readonly directory: string; readonly resets: number; readonly seed: number };

export type WorkerMessage =
  | { readonly progress: number }
  | { readonly energy: EnergyFigures }
  | { readonly resets: ResetFigures };

const PROGRESS_MS = 500;

function work(wanted: LongRun, post: (message: WorkerMessage) => void): void {
  let told = 0;
  const progress = (done: number) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    post({ progress: done });
  };
  if (wanted.run === "energy") post({ energy: measureEnergy(wanted.directory, wanted.minutes, progress) });
  else post({ resets: measureResets(wanted.directory, wanted.resets, wanted.seed, progress) });
}

process.once("message", (wanted: LongRun) => {
  work(wanted, (message) => process.send?.(message));
  // Not in the middle of a message.
  setImmediate(() => process.disconnect());
});
// Nobody is left to tell: Ctrl-C ended the one who asked.
process.on("disconnect", () => process.exit());
