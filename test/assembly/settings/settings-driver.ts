/**
 * The logic of a slot with access to its settings, for tests that change them. In Node tests call the
 * exports. On the image, where the host does not call them, tests write orders into a mailbox in linear
 * memory that each pass reads.
 */
import * as logic from "../../../assembly/index";
import * as settings from "../../../assembly/settings/settings";
import * as log from "../../../assembly/settings/store";

/**
 * The mailbox: 16 bytes that occur nowhere else ("mailbox is here:"), then the order and its argument. The
 * order is 0 when it is done.
 */
const mailbox: usize = memory.data<u8>([
  0x6d, 0x61, 0x69, 0x6c, 0x62, 0x6f, 0x78, 0x20, 0x69, 0x73, 0x20, 0x68, 0x65, 0x72, 0x65, 0x3a, 0, 0, 0, 0,
  0, 0, 0, 0,
]);

export function contract_version(): u32 {
  return logic.contract_version();
}

export function start(): u64 {
  return logic.start();
}

export function handle(events: u32): u64 {
  const order = load<u32>(mailbox + 16);
  const argument = load<u32>(mailbox + 20);
  if (order == 1) settings.setRestorePolicy(<i32>argument);
  if (order == 2) settings.eraseAhead();
  if (order == 3) settings.setAdcOffset(0, <i32>argument);
  store<u32>(mailbox + 16, 0);
  if (order == 4) store<u32>(mailbox + 20, settings.restorePolicy());
  if (order == 5) store<u32>(mailbox + 20, settings.adcOffset(0));
  return logic.handle(events);
}

// The settings without the rest of the logic, for tests with millions of saves.

export function takeOver(): void {
  settings.load();
}

export function save(now_us: u64, forced: bool): bool {
  return settings.save(now_us, forced);
}

export function deadline_us(): u64 {
  return settings.deadline_us();
}

export function isDirty(): bool {
  return settings.isDirty();
}

export function isLost(): bool {
  return settings.isLost();
}

export function eraseAheadWanted(): bool {
  return settings.eraseAheadWanted();
}

export function eraseAhead(): void {
  settings.eraseAhead();
}

export function saves(): u32 {
  return settings.saves;
}

export function failures(): u32 {
  return settings.failures;
}

export function timeouts(): u32 {
  return log.timeouts;
}

export function mismatches(): u32 {
  return log.mismatches;
}

export function erases(): u32 {
  return settings.sectorErases();
}

export function unreadable(): u32 {
  return settings.unreadable();
}

export function restorePolicy(): u32 {
  return settings.restorePolicy();
}

export function setRestorePolicy(policy: u32): bool {
  return settings.setRestorePolicy(policy);
}

export function powerWanted(): bool {
  return settings.powerWanted();
}

export function setPowerWanted(wanted: bool): void {
  settings.setPowerWanted(wanted);
}

export function adcOffset(channel: i32): i32 {
  return settings.adcOffset(channel);
}

export function setAdcOffset(channel: i32, offset: i32): bool {
  return settings.setAdcOffset(channel, offset);
}

export function adcGain(channel: i32): u32 {
  return settings.adcGain(channel);
}

export function setAdcGain(channel: i32, gain: u32): bool {
  return settings.setAdcGain(channel, gain);
}
