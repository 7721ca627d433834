/**
 * The events of a slot, seen from outside: edges of its power signals, stages of the compute board, restarts
 * of the BMC. An event is a fault if the hardware shows that something is wrong. The BMC's console output
 * does not count, because a compute board can print the same text in a log that the console shows.
 */
import type { BoardRail } from "../../../boards/board.ts";
import type { ResetRecord } from "../../chip/rp2040.ts";
import type { ComputeStage } from "../../devices/compute/compute-load.ts";
import type { Slot } from "../../slot/slot.ts";

export interface SlotEvent {
  readonly nanos: number;
  readonly text: string;
  readonly isFault: boolean;
}

/** The receiver of events and stages. */
export interface EventSink {
  event(event: SlotEvent): void;
  stage(nanos: number, stage: ComputeStage): void;
}

type Report = (text: string, isFault?: boolean, nanos?: number) => void;

/**
 * Reports edges as they come. Stages and restarts have no edges: the function returned looks for changes and
 * must be called as emulated time moves.
 */
export function watchEvents(slot: Slot, sink: EventSink): () => void {
  const report: Report = (text, isFault = false, nanos = slot.chip.nanos) =>
    sink.event({ nanos, text, isFault });
  for (const rail of slot.board.rails) watchRail(slot, rail, report);
  const looks = [lookForRestart(slot, report), lookForStop(slot, report), watchCompute(slot, sink, report)];
  return () => {
    for (const look of looks) look();
  };
}

/**
 * Reports a rail's edges. A rail has failed if its power-good goes away while it is enabled, and if it is
 * switched off before its power-good came.
 */
function watchRail(slot: Slot, { enable, power_good }: BoardRail, report: Report): void {
  const enabled = slot.signal(enable);
  let isOn = enabled?.asserted ?? false;
  let wasGood = false;
  const enableEdge = () => {
    if (!enabled || enabled.asserted === isOn) return;
    isOn = enabled.asserted;
    if (isOn) report(`${enable} on`);
    else if (wasGood) report(`${enable} off`);
    else report(`${enable} off, never good`, true);
    wasGood = false;
  };
  enabled?.onChange(enableEdge);
  slot.signal(power_good)?.onChange((good) => {
    // The supply reacts to its enable before this listener runs, and takes power-good back at once. The cause
    // is reported before the effect.
    enableEdge();
    if (good) report(power_good);
    else if (isOn) report(`${power_good} lost`, true);
    else report(`${power_good} gone`);
    wasGood ||= good && isOn;
  });
}

/**
 * Reports the compute board's events. Switching off an OS that was asked to stop and has not stopped yet is a
 * fault. A reset without asking is none. The state before the edge counts: the board follows the edge at
 * once, and the BMC takes COMPUTE_RUN and SHUTDOWN_REQ back with one write. The listener therefore uses the
 * state of the last look.
 */
function watchCompute(slot: Slot, sink: EventSink, report: Report): () => void {
  const request = slot.signal("SHUTDOWN_REQ");
  let stage: ComputeStage | null = null;
  let wasAsked = false;
  request?.onChange((asserted) => asserted && report("SHUTDOWN_REQ"));
  slot.signal("COMPUTE_RUN")?.onChange((released) => {
    const wasUp = stage !== null && !["halted", "off", "absent"].includes(stage);
    if (released) report("COMPUTE_RUN on");
    else if (wasAsked && wasUp) report("COMPUTE_RUN off, not halted", true);
    else report("COMPUTE_RUN off");
  });
  return () => {
    wasAsked = request?.asserted ?? false;
    if (slot.compute.stage === stage) return;
    stage = slot.compute.stage;
    sink.stage(slot.chip.nanos, stage);
  };
}

const RESTARTS: Record<ResetRecord["kind"], string> = {
  "power-on": "BMC powered",
  "run-pin": "BMC reset by its RUN pin",
  watchdog: "BMC hung: reset by its watchdog",
};

function lookForRestart(slot: Slot, report: Report): () => void {
  const { resets } = slot.chip;
  let seen = 0;
  return () => {
    for (; seen < resets.length; seen++) {
      const { kind, forced, atNanos } = resets[seen] as ResetRecord;
      // Firmware restarts itself both on request and after a fault, which looks the same from outside.
      if (forced) report("BMC restarts itself", false, atNanos);
      else report(RESTARTS[kind], kind === "watchdog", atNanos);
    }
  };
}

function lookForStop(slot: Slot, report: Report): () => void {
  let known = slot.chip.state;
  return () => {
    const { state } = slot.chip;
    if (state === known) return;
    known = state;
    if (state === "locked-up") report("BMC locked up", true);
    else if (state === "boot-rom") report("BMC found no valid image", true);
  };
}
