/**
 * The PMBus status registers and SMBALERT#. An event sets a bit, and the bit stays until a controller clears
 * it. Only OFF and POWER_GOOD# follow the present state. Linux clears the faults whenever it has read them.
 * So clearing them affects these registers alone, and the slot's own record of the last fault is
 * MFR_LAST_FAULT.
 */
import { SIGNAL_SMBALERT, signals_read, signals_write } from "../generated/abi";
import { RAIL_COUNT } from "../generated/board";
import {
  CODE_STATUS_BYTE,
  CODE_STATUS_CML,
  CODE_STATUS_INPUT,
  CODE_STATUS_IOUT,
  CODE_STATUS_MFR_SPECIFIC,
  CODE_STATUS_TEMPERATURE,
  CODE_STATUS_VOUT,
  CODE_STATUS_WORD,
  STATUS_INPUT_VIN_UV_FAULT,
  STATUS_IOUT_IOUT_OC_FAULT,
  STATUS_VOUT_VOUT_OV_FAULT,
  STATUS_WORD_BUSY,
  STATUS_WORD_CML,
  STATUS_WORD_INPUT,
  STATUS_WORD_IOUT_OC_FAULT,
  STATUS_WORD_IOUT_POUT,
  STATUS_WORD_MFR_SPECIFIC,
  STATUS_WORD_NONE_OF_THE_ABOVE,
  STATUS_WORD_OFF,
  STATUS_WORD_POWER_GOOD_N,
  STATUS_WORD_TEMPERATURE,
  STATUS_WORD_VIN_UV_FAULT,
  STATUS_WORD_VOUT,
  STATUS_WORD_VOUT_OV_FAULT,
} from "../generated/smbus";
import { QUANTITY_PAGE, QUANTITY_STATUS } from "../generated/vocabulary";
import { EVERY_PAGE, publishByte, publishWord } from "./responses";

/** The registers that all pages share. After them comes a STATUS_VOUT for each page. */
export enum Register {
  Iout,
  Input,
  Temperature,
  Cml,
  Slot,
  Vout,
}

const REGISTERS: i32 = Register.Vout + RAIL_COUNT;
const values: usize = memory.data(REGISTERS);
const masks: usize = memory.data(REGISTERS);
/** The registers and the STATUS_WORD of each page, as last published. */
const published: usize = memory.data(REGISTERS);
const publishedWords: usize = memory.data(RAIL_COUNT << 2, 4);
/** The BUSY bit. */
let busy: bool = false;
/** OFF and POWER_GOOD# of each page, which follow the present state. */
const present: usize = memory.data(RAIL_COUNT << 2, 4);
/** The slot pulls SMBALERT#. */
let alerting: bool = false;
let anythingPublished: bool = false;
/** A register may differ from the published one. */
let changed: bool = true;

function value(register: i32): u32 {
  return load<u8>(values + register);
}

/** STATUS_VOUT of a page. */
export function voutRegister(page: u32): i32 {
  return Register.Vout + <i32>page;
}

/** The register that a status command means on a page, or -1. Only page 0 has a current sensor. */
export function registerOf(code: u32, page: u32): i32 {
  switch (code) {
    case CODE_STATUS_VOUT:
      return voutRegister(page);
    case CODE_STATUS_IOUT:
      return page == 0 ? Register.Iout : -1;
    case CODE_STATUS_INPUT:
      return Register.Input;
    case CODE_STATUS_TEMPERATURE:
      return Register.Temperature;
    case CODE_STATUS_CML:
      return Register.Cml;
    case CODE_STATUS_MFR_SPECIFIC:
      return Register.Slot;
    default:
      return -1;
  }
}

/** The register that shows the limits of a quantity. */
export function registerOfQuantity(quantity: i32): i32 {
  const page: i32 = unchecked(QUANTITY_PAGE[quantity]);
  return registerOf(unchecked(QUANTITY_STATUS[quantity]), <u32>max(page, 0));
}

/** Sets bits of a register. Bits that were not set before also pull SMBALERT#, unless they are masked. */
export function set(register: i32, bits: u32): void {
  const before = value(register);
  const news = bits & ~before;
  if (news == 0) return;
  store<u8>(values + <usize>register, before | bits);
  changed = true;
  if (news & ~(<u32>load<u8>(masks + <usize>register))) alert(true);
}

/** Sets BUSY: a command came that cannot be carried out in the present state. */
export function setBusy(): void {
  busy = true;
  changed = true;
}

/** Writing ones to a status register clears them (PMBus 1.2 part II, 10.2.4). */
export function clear(register: i32, bits: u32): void {
  store<u8>(values + <usize>register, value(register) & ~bits);
  changed = true;
  if (!anythingSet()) alert(false);
}

/** CLEAR_FAULTS: clears the registers of the page, and those that all pages share. */
export function clearFaults(page: u32): void {
  for (let register = 0; register < REGISTERS; register++) {
    const isOtherPage = register >= Register.Vout && register != voutRegister(page);
    if (!isOtherPage && !(page != 0 && register == Register.Iout)) store<u8>(values + register, 0);
  }
  busy = false;
  changed = true;
  alert(false);
}

export function mask(register: i32): u32 {
  return load<u8>(masks + <usize>register);
}

export function setMask(register: i32, bits: u32): void {
  store<u8>(masks + <usize>register, bits);
  if (!anythingSet()) alert(false);
}

/** True while a bit is set that is not masked. */
function anythingSet(): bool {
  for (let register = 0; register < REGISTERS; register++) {
    if (value(register) & ~mask(register)) return true;
  }
  return false;
}

function alert(on: bool): void {
  // A new alert always pulls the line: the host may have just released it, and not reported that yet.
  if (!on && !alerting) return;
  alerting = on;
  signals_write(SIGNAL_SMBALERT, on ? SIGNAL_SMBALERT : 0);
}

/**
 * The host has released SMBALERT#, because this slot's address won the Alert Response. Only a new status bit
 * pulls the line again. That may have happened already, so the line is read.
 */
export function alertAnswered(): void {
  alerting = (signals_read() & SIGNAL_SMBALERT) != 0;
}

/** At the start of the logic: releases SMBALERT#, which may still be pulled from before a restart. */
export function start(): void {
  signals_write(SIGNAL_SMBALERT, 0);
}

/** Sets the present state of a page: its output is off, and its power-good is asserted. */
export function setPresent(page: u32, isOff: bool, isGood: bool): void {
  const bits = (isOff ? STATUS_WORD_OFF : 0) | (isGood ? 0 : STATUS_WORD_POWER_GOOD_N);
  store<u32>(present + ((<usize>page) << 2), bits);
  changed = true;
}

function statusWord(page: u32): u32 {
  const vout = value(voutRegister(page));
  const iout: u32 = page == 0 ? value(Register.Iout) : 0;
  const input = value(Register.Input);
  const slot = value(Register.Slot);
  let word = load<u32>(present + ((<usize>page) << 2));
  if (vout) word |= STATUS_WORD_VOUT;
  if (iout) word |= STATUS_WORD_IOUT_POUT;
  if (input) word |= STATUS_WORD_INPUT;
  if (slot) word |= STATUS_WORD_MFR_SPECIFIC;
  if (busy) word |= STATUS_WORD_BUSY;
  if (vout & STATUS_VOUT_VOUT_OV_FAULT) word |= STATUS_WORD_VOUT_OV_FAULT;
  if (iout & STATUS_IOUT_IOUT_OC_FAULT) word |= STATUS_WORD_IOUT_OC_FAULT;
  if (input & STATUS_INPUT_VIN_UV_FAULT) word |= STATUS_WORD_VIN_UV_FAULT;
  if (value(Register.Temperature)) word |= STATUS_WORD_TEMPERATURE;
  if (value(Register.Cml)) word |= STATUS_WORD_CML;
  const elsewhere =
    (vout & ~STATUS_VOUT_VOUT_OV_FAULT) |
    (iout & ~STATUS_IOUT_IOUT_OC_FAULT) |
    (input & ~STATUS_INPUT_VIN_UV_FAULT) |
    slot;
  if (elsewhere) word |= STATUS_WORD_NONE_OF_THE_ABOVE;
  return word;
}

function publishRegister(register: i32): void {
  switch (register) {
    case Register.Iout:
      publishByte(CODE_STATUS_IOUT, 0, value(register));
      break;
    case Register.Input:
      publishByte(CODE_STATUS_INPUT, EVERY_PAGE, value(register));
      break;
    case Register.Temperature:
      publishByte(CODE_STATUS_TEMPERATURE, EVERY_PAGE, value(register));
      break;
    case Register.Cml:
      publishByte(CODE_STATUS_CML, EVERY_PAGE, value(register));
      break;
    case Register.Slot:
      publishByte(CODE_STATUS_MFR_SPECIFIC, EVERY_PAGE, value(register));
      break;
    default:
      publishByte(CODE_STATUS_VOUT, register - Register.Vout, value(register));
      break;
  }
}

/** Publishes the registers that have changed since the last call. */
export function publishChanges(): void {
  if (!changed) return;
  changed = false;
  for (let register = 0; register < REGISTERS; register++) {
    if (anythingPublished && load<u8>(published + register) == value(register)) continue;
    store<u8>(published + register, value(register));
    publishRegister(register);
  }
  for (let page: u32 = 0; page < <u32>RAIL_COUNT; page++) {
    const word = statusWord(page);
    const at = publishedWords + ((<usize>page) << 2);
    if (anythingPublished && load<u32>(at) == word) continue;
    store<u32>(at, word);
    publishWord(CODE_STATUS_WORD, page, word);
    publishByte(CODE_STATUS_BYTE, page, word & 0xff);
  }
  anythingPublished = true;
}
