/**
 * Runs a long measurement of the power benchmark in a process of its own, because a machine has several
 * cores.
 */
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
  let reportedMs = 0;
  const progress = (done: number) => {
    if (performance.now() - reportedMs < PROGRESS_MS) return;
    reportedMs = performance.now();
    post({ progress: done });
  };
  if (wanted.run === "energy") post({ energy: measureEnergy(wanted.directory, wanted.minutes, progress) });
  else post({ resets: measureResets(wanted.directory, wanted.resets, wanted.seed, progress) });
}

process.once("message", (wanted: LongRun) => {
  work(wanted, (message) => process.send?.(message));
  // Only after the message has been sent.
  setImmediate(() => process.disconnect());
});
// The parent has ended, by Ctrl-C perhaps, so this process ends too.
process.on("disconnect", () => process.exit());
