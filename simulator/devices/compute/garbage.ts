/**
 * A compute board whose console is set up wrongly: its bytes reach the BMC as frames of
 * another baud rate, with broken stop bits, with parity where none is agreed, as random
 * bytes, or as breaks. Which, changes every few dozen bytes, by seed.
 */
import { NOISE_STREAM, noiseWord } from "../noise.ts";
import { BIT_NANOS_115200, NANOS_PER_SECOND, type SerialFrame } from "../world.ts";

const RUN_BYTES = 48;
/**
 * What a firmware prints that believes in another UART clock: 103448 instead of 115200, and a plain
 * wrong rate.
 */
const WRONG_BAUD_RATES = [103448, 57600];

/** Frame number `index` of the garbled console. */
export function garbledFrame(seed: number, index: number, byte: number): SerialFrame {
  const random = noiseWord(seed, NOISE_STREAM.garbageByte, index);
  const bitNanos = BIT_NANOS_115200;
  switch (noiseWord(seed, NOISE_STREAM.garbageKind, Math.floor(index / RUN_BYTES)) % 5) {
    case 0:
      return { byte: random & 0xff, bitNanos };
    case 1:
      return { byte, framingError: (random & 3) === 0, bitNanos };
    case 2:
      return { byte, parityError: (random & 3) === 0, bitNanos };
    case 3: {
      const baudRate = WRONG_BAUD_RATES[random % WRONG_BAUD_RATES.length] as number;
      return { byte, bitNanos: NANOS_PER_SECOND / baudRate };
    }
    default:
      return random % 24 === 0 ? { byte: 0, break: true, bitNanos } : { byte: random & 0xff, bitNanos };
  }
}
