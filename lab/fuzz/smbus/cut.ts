/**
 * How a slot may understand a message in which a bus fault struck: for each fault, the messages that may
 * have arrived instead. A controller cannot know which one did and has to read back; so does the fuzzer.
 */
import type { SmbusFault } from "../../../simulator/devices/smbus/faults.ts";
import type { Protocol } from "../../../simulator/devices/smbus/steps.ts";
import type { Segment } from "./model.ts";
import type { Random } from "./random.ts";
import type { Version } from "./suspects.ts";

const EXTRA_BYTE = 0xa5;
const CLOCKS_PER_BYTE = 9;
/** Pulses up to 48 ns are filtered (tSP, I2C-bus specification, table 10). */
const SPIKE_NANOS = 40;
const GLITCH_NANOS = 300;
const CML = 5;
/** INVALID_COMMAND, INVALID_DATA, PEC_FAILED, OTHER_COMMUNICATION. */
const ANY_REFUSAL = 0xe2;

/** `next`: a transfer that changes nothing. */
export function randomFault(random: Random, segments: readonly Segment[], next: Protocol): SmbusFault {
  const written = segments.find(({ write }) => write)?.write ?? [];
  const read = segments.find(({ read }) => read)?.read;
  const clocks = CLOCKS_PER_BYTE * (written.length + 1 + (read ? read + 1 : 0)) + 1;
  const bit = random.below(clocks);
  const ms = random.pick([0.2, 1, 5, 40]);
  const goOn = random.oneIn(2);
  // In a write without PEC, an additional bit cannot be distinguished from another value.
  const nanos = read && random.oneIn(2) ? GLITCH_NANOS : SPIKE_NANOS;
  const point = random.pick([0.2, 0.52, 0.8]);
  const faults: SmbusFault[] = [
    { kind: "stop-at-bit", bit },
    { kind: "start-at-bit", bit },
    { kind: "transfer-at-bit", bit, next },
    { kind: "vanish", bit },
    { kind: "freeze", bit, ms },
    { kind: "hold-scl-low", bit, ms, goOn },
    // SDA is held while SCL is high, and then the transfer continues: that is one clock too many.
    { kind: "hold-sda-low", bit, ms, goOn: goOn && read !== undefined },
    { kind: "lose-arbitration", bit },
    { kind: "glitch-scl", bit, nanos, point },
    { kind: "glitch-sda", bit, nanos, point },
    { kind: "missing-stop" },
    { kind: "restart-for-stop", next },
    { kind: "too-few-bytes", bytes: random.below(4) },
  ];
  if (read) faults.push({ kind: "endless-read", bytes: 300 }, { kind: "nack-early", bytes: random.below(3) });
  else faults.push({ kind: "too-many-bytes", bytes: 1 + random.below(50) });
  return random.pick(faults);
}

/**
 * Returns all versions of a write, or of a write and a read, that the slot may have received with that
 * fault.
 */
export function versionsOf(segments: readonly Segment[], fault: SmbusFault): Version[] {
  const written = segments.find(({ write }) => write)?.write ?? [];
  const isRead = segments.some(({ read }) => read);
  const executed = (bytes: readonly number[]) => (model: Parameters<Version>[0]) => {
    if (bytes.length > 0) model.play([{ write: bytes }], []);
  };
  if (fault.kind === "too-many-bytes") {
    return [executed([...written, ...Array<number>(fault.bytes).fill(EXTRA_BYTE)])];
  }
  const versions: Version[] = [() => {}, (model) => model.brokenOff()];
  // Any number of whole bytes, and then a STOP or something that looks like one.
  for (let bytes = 1; bytes <= written.length; bytes++) versions.push(executed(written.slice(0, bytes)));
  if (isRead) versions.push((model) => model.readUnseen(written));
  if (fault.kind === "lose-arbitration") versions.push(executed(outvoted(written, fault.bit)));
  if (!addsClocks(fault)) return versions;
  return versions.flatMap((version) => [
    (model) => {
      version(model);
      // An additional bit makes another command of it: either one that is refused...
      model.status.might(CML, ANY_REFUSAL);
    },
    (model) => {
      version(model);
      // ...or one that is complete with its code.
      model.status.clearFaults(model.page);
      model.status.might(CML, ANY_REFUSAL);
    },
  ]);
}

/** Returns whether the fault may add a clock: the slot then receives another byte than was sent. */
function addsClocks(fault: SmbusFault): boolean {
  if (fault.kind === "glitch-scl" || fault.kind === "glitch-sda") return fault.nanos > SPIKE_NANOS;
  return fault.kind === "hold-sda-low" && fault.goOn;
}

/** The winner of the arbitration sends zeroes to the end of the byte, and a STOP. */
function outvoted(written: readonly number[], bit: number): number[] {
  const whole = Math.floor(bit / CLOCKS_PER_BYTE) - 1;
  if (whole < 0 || whole >= written.length) return [];
  const zeros = 8 - (bit % CLOCKS_PER_BYTE);
  return [...written.slice(0, whole), (written[whole] as number) & ~((1 << Math.max(0, zeros)) - 1)];
}
