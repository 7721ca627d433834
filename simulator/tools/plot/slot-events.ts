/**
 * What happens to a slot, seen from outside: edges of its power signals, stages of the compute board,
 * restarts of the BMC. What the hardware shows to be wrong is a fault. What the BMC says on its console does
 * not enter here: in a log that it shows, a compute board can print the very same words.
 */
import type { BoardRail } from "../../../boards/board.ts";
import type { ResetRecord } from "../../chip/machine.ts";
import type { ComputeStage } from "../../devices/compute/compute-load.ts";
import type { Slot } from "../../slot/slot.ts";

export interface SlotEvent {
  readonly nanos: number;
  readonly text: string;
  readonly isFault: boolean;
}

/** Where events and stages go. */
export interface EventSink {
  event(event: SlotEvent): void;
  stage(nanos: number, stage: ComputeStage): void;
}

type Tell = (text: string, isFault?: boolean, nanos?: number) => void;

/**
 * Tells edges as they come. Stages and restarts have none: the function returned looks for changes and is
 * to be called as emulated time moves.
 */
export function watchEvents(slot: Slot, sink: EventSink): () => void {
  const tell: Tell = (text, isFault = false, nanos = slot.machine.nanos) =>
    sink.event({ nanos, text, isFault });
  for (const rail of slot.board.rails) watchRail(slot, rail, tell);
  const looks = [lookForRestart(slot, tell), lookForStop(slot, tell), watchCompute(slot, sink, tell)];
  return () => {
    for (const look of looks) look();
  };
}

/** A rail whose power-good goes while it is enabled has failed; so has one that is given up without it. */
function watchRail(slot: Slot, { enable, power_good }: BoardRail, tell: Tell): void {
  const enabled = slot.signal(enable);
  let isOn = enabled?.asserted ?? false;
  let wasGood = false;
  const enableEdge = () => {
    if (!enabled || enabled.asserted === isOn) return;
    isOn = enabled.asserted;
    if (isOn) tell(`${enable} on`);
    else if (wasGood) tell(`${enable} off`);
    else tell(`${enable} off, never good`, true);
    wasGood = false;
  };
  enabled?.onChange(enableEdge);
  slot.signal(power_good)?.onChange((good) => {
    // The supply hears of its enable before us, and takes power-good back at once: cause before effect.
    enableEdge();
    if (good) tell(power_good);
    else if (isOn) tell(`${power_good} lost`, true);
    else tell(`${power_good} gone`);
    wasGood ||= good && isOn;
  });
}

/**
 * An OS that was asked to stop and is switched off before it has is a fault, a reset at once is none. What
 * counts is how things were before the edge: the board follows it at once, and the BMC takes COMPUTE_RUN and
 * SHUTDOWN_REQ back with one write. So this is what was seen when somebody last looked.
 */
function watchCompute(slot: Slot, sink: EventSink, tell: Tell): () => void {
  const request = slot.signal("SHUTDOWN_REQ");
  let stage: ComputeStage | null = null;
  let wasAsked = false;
  request?.onChange((asserted) => asserted && tell("SHUTDOWN_REQ"));
  slot.signal("COMPUTE_RUN")?.onChange((released) => {
    const wasUp = stage !== null && !["halted", "off", "absent"].includes(stage);
    if (released) tell("COMPUTE_RUN on");
    else if (wasAsked && wasUp) tell("COMPUTE_RUN off, not halted", true);
    else tell("COMPUTE_RUN off");
  });
  return () => {
    wasAsked = request?.asserted ?? false;
    if (slot.compute.stage === stage) return;
    stage = slot.compute.stage;
    sink.stage(slot.machine.nanos, stage);
  };
}

const RESTARTS: Record<ResetRecord["kind"], string> = {
  "power-on": "BMC powered",
  "run-pin": "BMC reset by its RUN pin",
  watchdog: "BMC hung: reset by its watchdog",
};

function lookForRestart(slot: Slot, tell: Tell): () => void {
  const { resets } = slot.machine;
  let seen = 0;
  return () => {
    for (; seen < resets.length; seen++) {
      const { kind, forced, atNanos } = resets[seen] as ResetRecord;
      // Firmware restarts itself on request and after a fault alike; from outside that is the same.
      if (forced) tell("BMC restarts itself", false, atNanos);
      else tell(RESTARTS[kind], kind === "watchdog", atNanos);
    }
  };
}

function lookForStop(slot: Slot, tell: Tell): () => void {
  let known = slot.machine.state;
  return () => {
    const { state } = slot.machine;
    if (state === known) return;
    known = state;
    if (state === "locked-up") tell("BMC locked up", true);
    else if (state === "boot-rom") tell("BMC found no valid image", true);
  };
}
