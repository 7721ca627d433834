/**
 * The console of a compute board that is set up wrongly. Its bytes reach the BMC at another baud rate, with
 * broken stop bits, with parity where none is agreed, as random bytes, or as breaks. Every few dozen bytes
 * the seed picks another of these kinds.
 */
import { NOISE_STREAM, noiseWord } from "../noise.ts";
import { BIT_NANOS_115200, NANOS_PER_SECOND, type SerialFrame } from "../world.ts";

const RUN_BYTES = 48;
/**
 * The baud rates that the kind "wrong baud rate" uses. A firmware that assumes another UART clock sends at
 * 103448 instead of 115200. The other rate is plainly wrong.
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
