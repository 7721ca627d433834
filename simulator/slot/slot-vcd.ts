/**
 * The variables of a slot in a VCD file: every signal and I2C line of the board, both serial lines bit by
 * bit, voltages and currents.
 */
import type { Board } from "../../boards/board.ts";
import type { Rp2040 } from "../chip/rp2040.ts";
import type { InputSupply } from "../devices/supply/input-supply.ts";
import type { Supply } from "../devices/supply/supply.ts";
import { NANOS_PER_MS, type SerialFrame } from "../devices/world.ts";
import type { VcdVariable, VcdWriter } from "../tools/vcd.ts";

/** Fine enough to see a soft start of 4 ms, coarse enough to keep a minute in a few megabytes. */
const SAMPLE_NANOS = 0.5 * NANOS_PER_MS;

/** The parts of a slot that are shown. `Slot` has them all, and imports this file. */
export interface ShownSlot {
  readonly chip: Rp2040;
  readonly board: Board;
  readonly input: InputSupply;
  readonly supplies: Readonly<Record<string, Supply>>;
}

export interface SerialWires {
  /** The chip sent a frame that began at `startNanos`. */
  sent(uart: 0 | 1, startNanos: number, frame: SerialFrame): void;
  /** The chip received a frame that began at `startNanos`. */
  received(uart: 0 | 1, startNanos: number, frame: SerialFrame): void;
}

/** Declares the slot's variables and keeps them up to date while it runs. */
export function watchSlot(slot: ShownSlot, vcd: VcdWriter): SerialWires {
  const { chip, board } = slot;
  for (const [name, wiring] of Object.entries(board.signals)) {
    const pin = chip.pins[wiring.gpio];
    const shown = wiring.function === "sio" || wiring.function.startsWith("i2c");
    if (!shown || !pin) continue;
    const wire = vcd.wire(name.replace("#", "_n"), pin.level);
    pin.onChange((level) => vcd.change(wire, chip.nanos, level));
  }
  const lines = new Map<string, VcdVariable>();
  for (const uart of [0, 1]) {
    for (const way of ["TX", "RX"]) lines.set(`UART${uart}_${way}`, vcd.wire(`UART${uart}_${way}`, true));
  }
  sampleQuantities(slot, vcd);
  const show = (way: string) => (uart: 0 | 1, startNanos: number, frame: SerialFrame) =>
    vcd.frame(lines.get(`UART${uart}_${way}`) as VcdVariable, startNanos, frame.bitNanos, frame);
  return { sent: show("TX"), received: show("RX") };
}

function sampleQuantities(slot: ShownSlot, vcd: VcdWriter): void {
  const quantities: { variable: VcdVariable; read: () => number }[] = [];
  for (const supply of Object.values(slot.supplies)) {
    quantities.push({ variable: vcd.real(`${supply.name}_mV`, 0), read: () => supply.millivolts });
    quantities.push({ variable: vcd.real(`${supply.name}_mA`, 0), read: () => supply.milliamperes });
  }
  quantities.push({ variable: vcd.real("VIN_mV", 0), read: () => slot.input.millivolts });
  const sample = () => {
    for (const { variable, read } of quantities) {
      vcd.change(variable, slot.chip.nanos, Math.round(read() * 10) / 10);
    }
    slot.chip.schedule(SAMPLE_NANOS, sample);
  };
  slot.chip.schedule(0, sample);
}
