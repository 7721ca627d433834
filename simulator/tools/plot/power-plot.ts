/** `--plot`: follows a run from its first moment and draws it as an SVG file. */
import { writeFileSync } from "node:fs";
import { fileProblem } from "../../../cli/file-problem.ts";
import { NANOS_PER_MS, NANOS_PER_SECOND } from "../../devices/world.ts";
import type { Slot } from "../../slot/slot.ts";
import { Chronicle } from "./chronicle.ts";
import { Envelope } from "./envelope.ts";
import { QUANTITIES, samplePower } from "./power-samples.ts";
import { watchEvents } from "./slot-events.ts";
import { drawRun } from "./svg.ts";

/** The file could not be written; the message is for the user. */
export class PlotError extends Error {}

export interface PlotOptions {
  readonly path: string;
  /** The fault that the user asked for on the command line, if any. */
  readonly fault: string | null;
  readonly bootlogName: string;
}

/** A third of the time constant with which the supply's output follows an overload. */
const SAMPLE_NANOS = 0.1 * NANOS_PER_MS;
/** A longer name is cut, because a path may be wider than the picture. */
const LONGEST_NAME = 60;

export class PowerPlot {
  readonly #slot: Slot;
  readonly #options: PlotOptions;
  readonly #envelope = new Envelope(QUANTITIES);
  readonly #chronicle = new Chronicle();
  #saved = false;

  /** Follows the slot, which must not have run yet. */
  constructor(slot: Slot, options: PlotOptions) {
    this.#slot = slot;
    this.#options = options;
    const look = watchEvents(slot, this.#chronicle);
    samplePower(slot, SAMPLE_NANOS, (nanos, values) => {
      this.#envelope.add(nanos, values);
      look();
    });
  }

  draw(): string {
    const { board, seed, computeRail } = this.#slot;
    const { fault, bootlogName } = this.#options;
    const log = bootlogName.length > LONGEST_NAME ? `...${bootlogName.slice(-LONGEST_NAME)}` : bootlogName;
    const seconds = (this.#envelope.endNanos / NANOS_PER_SECOND).toFixed(3);
    return drawRun({
      title: `${board.name}, seed ${seed}`,
      fault,
      subtitle: `${computeRail} supply of the compute board over ${seconds} s; boot log: ${log}`,
      envelope: this.#envelope,
      events: this.#chronicle.events,
      eventsLeftOut: this.#chronicle.leftOut,
      spans: this.#chronicle.spans,
    });
  }

  /** Writes the file when called for the first time. Throws a PlotError if it cannot. */
  save(): void {
    if (this.#saved) return;
    this.#saved = true;
    const { path } = this.#options;
    try {
      writeFileSync(path, this.draw());
    } catch (error) {
      throw new PlotError(`cannot write the plot ${path}: ${fileProblem(error)}`);
    }
  }
}
