/**
 * What a service imports from `@racklet/client`: a slot as an object with typed commands, the bus it speaks
 * over, and the errors of both. README.md has an example.
 */

// The bus: a transport implements SmbusBus and throws these errors.
export {
  AbsentError,
  ArbitrationLostError,
  BadAnswerError,
  BadPecError,
  BusTimeoutError,
  hexAddress,
  NoAnswerError,
  NotAcknowledgedError,
  PageError,
  RefusedError,
  type SmbusBus,
  SmbusError,
} from "./bus.ts";

// The slot: every command of the table as a value, and those that are used most as methods.
export { type ClientOptions, type PageOption, SlotClient } from "./client.ts";
// What a slot keeps: events, the trace of the last fault, its boot log and its consoles.
export { measured, type Sensor } from "./converter.ts";
// The table of commands, generated from abi/smbus.ts, and the types of what they read and take.
export {
  BLOCK_BYTES,
  COMMANDS,
  type CommandName,
  ENERGY_EXPONENT,
  MOST_PAGES,
  NUMBERS,
} from "./generated/commands.ts";
// Any PMBus device: what Linux' driver sees in it, and single messages without a table of commands.
export {
  decodeLinear11,
  decodeLinear16,
  encodeLinear11,
  encodeLinear16,
  LinearError,
  voutExponent,
} from "./linear.ts";
export { Messages } from "./messages.ts";
export { addressByte, pecOf } from "./pec.ts";
export {
  type FoundLimit,
  type FoundSensor,
  type PmbusProbe,
  ProbeError,
  probePmbus,
} from "./pmbus-probe.ts";
export { limitOf, nameIn, readEvents, readTrace, type SlotEvent, type Trace } from "./records.ts";
export { pageName, type SlotStatus, type StatusRegister } from "./status.ts";
export { type Chunk, typeText } from "./stream.ts";
export {
  bitMask,
  type CallName,
  type CallOf,
  COMMAND_NAMES,
  type Command,
  commandNamed,
  type FieldValues,
  type ReadableName,
  type SendName,
  type Setting,
  type SettingOf,
  type Value,
  ValueError,
  type ValueOf,
  type WritableName,
} from "./values.ts";
