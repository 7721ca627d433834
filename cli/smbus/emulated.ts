/**
 * A slot in the emulator, for the commands of one run. Emulated time stands still between two messages of the
 * bus; a command calls `pause` to let it pass, at full speed.
 */
import { NoAnswerError } from "@racklet/client";
import { SimulatedBus } from "../../simulator/slot/simulated-bus.ts";
import type { Slot } from "../../simulator/slot/slot.ts";
import { Runner } from "../runner.ts";
import { channelsOf } from "./channels.ts";
import { type Connection, interruptible } from "./session.ts";

/** A BMC that starts well answers within a tenth of this. */
const START_MS = 2000;
const ASK_AGAIN_MS = 5;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export function emulated(slot: Slot, hz: number): Connection {
  slot.smbus.hz = hz;
  let runner = new Runner(slot.chip, "max");
  const bus = new SimulatedBus(slot);
  const pause = async (ms: number) => {
    await runner.until(() => false, ms);
  };
  return {
    bus: interruptible(bus, () => runner.interrupted),
    baseAddress: slot.board.smbus.address,
    channels: channelsOf(slot.board.sensors ?? {}),
    pause,
    interrupt: () => runner.interrupt(),
    // A runner stays interrupted, so the next command gets a new one.
    resume: () => {
      runner = new Runner(slot.chip, "max");
    },
    idle: async (isOver) => {
      // A new runner each time: a command that waits lets emulated time run ahead of the clock on the wall.
      await new Runner(slot.chip, "real").until(isOver, FOREVER_MS);
    },
    start: async (address) => {
      slot.powerOn();
      for (let waited = 0; ; waited += ASK_AGAIN_MS) {
        await pause(ASK_AGAIN_MS);
        try {
          return await bus.write(address, new Uint8Array(0));
        } catch (error) {
          if (!(error instanceof NoAnswerError) || waited >= START_MS) throw error;
        }
      }
    },
  };
}
