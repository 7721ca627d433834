/**
 * A simulated slot that `npm start -- --serve` keeps running. Its time passes by itself; a command that waits
 * lets it pass faster.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswerError } from "@racklet/client";
import type { ServedClient } from "../../simulator/serve/client.ts";
import { ServedBus } from "../../simulator/serve/served-bus.ts";
import { Interrupted } from "../runner.ts";
import { channelsOf } from "./channels.ts";
import type { Connection } from "./session.ts";

/** A BMC that has just been started answers within a tenth of this. */
const START_MS = 500;
const ASK_AGAIN_MS = 5;
/** So that Ctrl-C ends a long wait soon. */
const PAUSE_STEP_MS = 200;
const IDLE_STEP_MS = 50;

export function onServedSlot(client: ServedClient, hz: number): Connection {
  const bus = new ServedBus(client, hz);
  const { address, slot, sensors } = client.greeting;
  let interrupted = false;
  const pause = async (ms: number) => {
    for (let left = Math.ceil(ms); left > 0; left -= PAUSE_STEP_MS) {
      if (interrupted) throw new Interrupted();
      await client.ask("pause", { ms: Math.min(left, PAUSE_STEP_MS) });
    }
    if (interrupted) throw new Interrupted();
  };
  return {
    bus,
    baseAddress: address - slot,
    channels: channelsOf(sensors as Parameters<typeof channelsOf>[0]),
    pause,
    interrupt: () => {
      interrupted = true;
    },
    resume: () => {
      interrupted = false;
    },
    idle: async (isOver) => {
      while (!isOver()) await sleep(IDLE_STEP_MS);
    },
    start: async (target) => {
      for (let waited = 0; waited < START_MS; waited += ASK_AGAIN_MS) {
        try {
          return await bus.write(target, new Uint8Array(0));
        } catch (error) {
          if (!(error instanceof NoAnswerError)) throw error;
        }
        await pause(ASK_AGAIN_MS);
      }
      // A scan must work without the slot; every other command reports the same.
    },
  };
}
