/**
 * All that a service imports from `@racklet/client`: a slot as an object with typed commands, the bus it
 * speaks over, and the errors of both. README.md has an example.
 */

// The bus, which a transport implements. README.md says which of these errors a transport throws; the client
// throws the others.

export {
  AbsentError,
  ArbitrationLostError,
  BadAnswerError,
  BadPecError,
  BusTimeoutError,
  ChangedError,
  hexAddress,
  NoAnswerError,
  NotAcknowledgedError,
  PageError,
  RefusedError,
  SharedAddressError,
  type SmbusBus,
  SmbusError,
} from "./bus.ts";

// The slot. Every command of the table is a value; those that are used most are methods.

export { type ClientOptions, SlotClient } from "./client.ts";
export { pagesOf, type Rail, railName } from "./rails.ts";
export type { PageOption, SlotCommands } from "./slot-commands.ts";
export type { SlotStatus, StatusRegister } from "./status.ts";

// The records of a slot: events, the trace of the last fault, the boot log and the consoles.

export { measured, type Sensor } from "./converter.ts";
export { limitOf, nameIn, readEvents, readTrace, type SlotEvent, type Trace } from "./records.ts";
export { isShared } from "./shared-address.ts";
export { type Chunk, type ReadFrom, typeText } from "./stream.ts";

// The table of commands, generated from abi/smbus.ts, and the types of their values.

export {
  BLOCK_BYTES,
  COMMANDS,
  type CommandName,
  ENERGY_EXPONENT,
  MOST_PAGES,
  NUMBERS,
} from "./generated/commands.ts";
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

// Any PMBus device: the sensors that Linux' driver finds in it, and single messages without a table.

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
export { type FoundLimit, type FoundSensor, type PmbusProbe, ProbeError, probePmbus } from "./pmbus-probe.ts";
