/**
 * The RP2040's bus (datasheet 2.1, 2.2) around rp2040js: it finds the peripheral at an address, turns
 * accesses elsewhere into bus errors, widens narrow writes, and keeps peripherals in reset from answering.
 *
 * The core reads SRAM and flash by itself and uses the bus for everything else.
 */
import { RP2040 } from "rp2040js";
import type { CoreBus, Registers } from "./bus-interfaces.ts";
import type { Clock } from "./clocks/clock.ts";
import { Core } from "./core/core.ts";
import { Fault } from "./core/core-state.ts";
import { SIO } from "./io/sio-registers.ts";
import type { XipCache } from "./memory/xip-cache.ts";
import {
  PERIPHERALS,
  type PeripheralName,
  type PeripheralRow,
  SRAM_BASE,
  USBCTRL_DPRAM_BASE,
  XIP_BASE,
} from "./peripherals.ts";
import { StrictLog } from "./strict-log.ts";
import { markUsed } from "./used-peripherals.ts";

/** A peripheral on the bus, and the bit of RESETS that holds it (datasheet 2.14); -1 for none. */
interface Mapping {
  readonly name: string;
  registers: Registers;
  readonly resetBit: number;
}

const hex = (address: number) => `0x${address.toString(16).padStart(8, "0")}`;

/** GPIO and divider registers of SIO (datasheet 2.3.1.7), which never complain. */
const KNOWN_SIO = new Set<number>([SIO.CPUID, SIO.GPIO_IN, SIO.GPIO_HI_IN]);
for (let offset = SIO.GPIO_OUT; offset <= SIO.GPIO_HI_OE_XOR; offset += 4) KNOWN_SIO.add(offset);
for (let offset = SIO.DIV_UDIVIDEND; offset <= SIO.DIV_REMAINDER; offset += 4) KNOWN_SIO.add(offset);

/** The four aliases of the flash, 0x10 to 0x13, by their topmost bits. */
const XIP_REGION = XIP_BASE >>> 26;
const USBCTRL_DPRAM_END = USBCTRL_DPRAM_BASE + 0x1000;
/** SRAM0 to 3 without the striping (datasheet 2.6.2): each bank holds every fourth word. */
const SRAM_BANKS_BASE = 0x2100_0000;
const SRAM_BANKS_BYTES = 0x4_0000;

export class SystemBus extends RP2040 implements CoreBus {
  readonly log: StrictLog;
  readonly cpu: Core;
  readonly alarms: Clock;

  readonly sram8: Uint8Array;
  readonly sram16: Uint16Array;
  readonly sram32: Int32Array;
  readonly flash8: Uint8Array;
  readonly flash32: Int32Array;
  xipBytes = 0;
  readonly xipCache: XipCache | null;
  /** Bytes of flash behind the XIP window: 0 while execute-in-place does not work. */
  private xipWindow = 0;

  readonly rom = new Uint16Array(0x2000);
  /** By address >>> 14. */
  private readonly mappings = new Map<number, Mapping>();
  /** The core fetched from ROM. */
  romFetched: (address: number) => void = () => {};
  /** RESETS.RESET, kept here because every access asks for it. */
  heldInReset = 0x01ff_ffff;
  /** The value of a read of the XIP window while execute-in-place does not work. */
  xipGarbage: (address: number, fetch: boolean) => number = () => 0;
  /** XIP_CTRL.CTRL.ERR_BADWRITE */
  xipBadWriteFaults = true;
  /** True while a debugger is attached, which may write to flash. */
  debuggerAttached = false;
  stepOnce: () => void = () => {};
  /** Addresses a debugger wants to stop before. As in silicon, code does not change for them. */
  readonly breakpoints = new Set<number>();

  constructor(clock: Clock, flash: Uint8Array, xipCache: XipCache | null = null) {
    super(clock);
    this.xipCache = xipCache;
    this.alarms = clock;
    // Its channels would start running, and each would wake the core for ever.
    this.pwm.reset();
    this.log = new StrictLog(() => clock.nanos);
    this.logger = this.log;
    this.sram8 = this.sram;
    this.sram16 = new Uint16Array(this.sram.buffer);
    this.sram32 = new Int32Array(this.sram.buffer);
    const image = new Uint8Array(flash);
    this.flash8 = image;
    this.flash32 = new Int32Array(image.buffer);
    this.cpu = new Core(this, this.log);
    // rp2040js' peripherals, its SIO and its GDB server find the core under this name.
    Object.defineProperty(this, "core", { value: this.cpu });
    Object.defineProperty(this, "flash", { value: image });
    Object.defineProperty(this, "flash16", { value: new Uint16Array(image.buffer) });
    Object.defineProperty(this, "flashView", { value: new DataView(image.buffer) });
  }

  /** Puts `registers` at the peripheral's address, in place of those there before. */
  attach(name: PeripheralName, registers: Registers): void {
    const row: PeripheralRow = PERIPHERALS[name];
    this.mappings.set(row.base >>> 14, { name, registers, resetBit: row.resetBit ?? -1 });
    this.peripherals[(row.base >>> 14) << 2] = registers as (typeof this.peripherals)[number];
  }

  /** The registers at the peripheral's address: rp2040js' model until ours are attached. */
  attached(name: PeripheralName): Registers | undefined {
    return this.peripherals[(PERIPHERALS[name].base >>> 14) << 2];
  }

  setXipBytes(bytes: number): void {
    if (bytes === this.xipWindow) return;
    this.xipWindow = bytes;
    // With a model of the cache the core fetches every word through the bus, which counts its cycles.
    this.xipBytes = this.xipCache ? 0 : bytes;
    this.cpu.codeMoved();
  }

  /** rp2040js calls this in its constructor, before our parts exist. Resets are in rp2040.ts. */
  override reset(): void {}

  override setInterrupt(irq: number, level: boolean): void {
    this.cpu?.setInterrupt(irq, level);
  }

  override step(): void {
    this.stepOnce();
  }

  // ---------------------------------------------------------------- core accesses

  fetch16(address: number): number {
    const region = address >>> 24;
    if (region === 0 && address < 0x4000) {
      this.romFetched(address);
      return this.rom[address >>> 1] as number;
    }
    if (region >= 0x10 && region <= 0x13) return this.xipFetch(address);
    if (region === 0x21 && address - SRAM_BANKS_BASE < SRAM_BANKS_BYTES) return this.load16(address);
    // XN regions of the default memory map (ARMv6-M B3.1): peripherals, devices, system.
    throw new Fault(`instruction fetch from ${hex(address)}`);
  }

  private xipFetch(address: number): number {
    this.checkXipFetch(address);
    return this.flash16[(address & (this.xipWindow - 1)) >>> 1] as number;
  }

  private checkXipFetch(address: number): void {
    if (this.xipWindow !== 0) return;
    this.xipGarbage(address, true);
    throw new Fault(`instruction fetch from flash at ${hex(address)} while execute-in-place does not work`);
  }

  /** The word an instruction lies in, from 0x10 to 0x13: the core waits for it if it is not cached. */
  fetchXip32(address: number): number {
    this.checkXipFetch(address);
    if (this.xipCache) this.cpu.executed += this.xipCache.fetch(address);
    return this.cachedWord(address);
  }

  load32(address: number): number {
    const region = address >>> 28;
    if (region === 4 || region === 5) return this.loadPeripheral(address);
    if (region === 0xd) return this.loadSio(address & 0x0fff_ffff);
    if (region === 0xe) return this.loadPrivate(address);
    if (region === 2) return this.loadSram(address);
    if (region === 1) return this.loadXip(address);
    if (address < 0x4000) {
      return ((this.rom[address >>> 1] as number) | ((this.rom[(address >>> 1) + 1] as number) << 16)) >>> 0;
    }
    throw new Fault(`load from unmapped ${hex(address)}`);
  }

  load16(address: number): number {
    const word = this.load32((address & ~3) >>> 0);
    return (word >>> ((address & 2) << 3)) & 0xffff;
  }

  load8(address: number): number {
    const word = this.load32((address & ~3) >>> 0);
    return (word >>> ((address & 3) << 3)) & 0xff;
  }

  store32(address: number, value: number): void {
    const region = address >>> 28;
    if (region === 4 || region === 5) this.storePeripheral(address, value);
    else if (region === 0xd) this.storeSio(address & 0x0fff_ffff, value);
    else if (region === 0xe) this.storePrivate(address, value);
    else if (region === 2) this.storeSram(address, value, 0xffff_ffff);
    else if (region === 1) this.storeXip(address, value);
    else if (address < 0x4000) this.log.warn("BUS", `write to ROM at ${hex(address)}`);
    else throw new Fault(`store to unmapped ${hex(address)}`);
  }

  /** Narrow writes to registers reach all 32 bits, the data repeated (datasheet 2.1.4). */
  store16(address: number, value: number): void {
    this.storeNarrow(address, 0xffff, (address & 2) << 3, (value << 16) | value);
  }

  store8(address: number, value: number): void {
    this.storeNarrow(address, 0xff, (address & 3) << 3, Math.imul(value, 0x0101_0101));
  }

  private storeNarrow(address: number, mask: number, shift: number, repeated: number): void {
    const aligned = (address & ~3) >>> 0;
    if (address >>> 28 === 2) this.storeSram(aligned, repeated, mask << shift);
    else if (address >= USBCTRL_DPRAM_BASE && address < USBCTRL_DPRAM_END)
      this.storeDpram(aligned, repeated, mask << shift);
    else this.store32(aligned, repeated >>> 0);
  }

  // ---------------------------------------------------------------- regions

  /** rp2040js' SIO prints accesses that it does not know, so the log takes the console for these alone. */
  private loadSio(offset: number): number {
    if (KNOWN_SIO.has(offset)) return this.sio.readUint32(offset) >>> 0;
    return this.log.capture(() => this.sio.readUint32(offset)) >>> 0;
  }

  private storeSio(offset: number, value: number): void {
    if (KNOWN_SIO.has(offset)) this.sio.writeUint32(offset, value);
    else this.log.capture(() => this.sio.writeUint32(offset, value));
  }

  private loadSram(address: number): number {
    return this.sram32[this.bankedIndex(address)] as number;
  }

  private storeSram(address: number, value: number, mask: number): void {
    const index = this.bankedIndex(address);
    this.sram32[index] = ((this.sram32[index] as number) & ~mask) | (value & mask);
  }

  private bankedIndex(address: number): number {
    const offset = address - SRAM_BANKS_BASE;
    if (offset < 0 || offset >= SRAM_BANKS_BYTES) throw new Fault(`access to unmapped ${hex(address)}`);
    const bank = offset >>> 16;
    return (((offset & 0xffff) >>> 2) << 2) | bank;
  }

  private loadXip(address: number): number {
    const region = address >>> 24;
    if (region <= 0x13) {
      if (this.xipWindow === 0) return this.xipGarbage(address, false);
      if (this.xipCache) this.cpu.executed += this.xipCache.load(address);
      return this.cachedWord(address);
    }
    const mapping = this.mappings.get(address >>> 14);
    if (!mapping || (address & 0x00ff_ffff) >= 0x4000) throw new Fault(`load from unmapped ${hex(address)}`);
    return mapping.registers.readUint32(address & 0xfff);
  }

  /** Beyond its capacity the flash ignores the upper address bits. */
  private flashWord(address: number): number {
    return this.flash32[(address & (this.xipWindow - 1)) >>> 2] as number;
  }

  /** The cache's copy of a word: after a change of the flash the old word, until the cache is flushed. */
  private cachedWord(address: number): number {
    const stale = this.xipCache?.staleWord(address);
    if (stale === undefined) return this.flashWord(address);
    this.log.warn("XIP", `the cache has not been flushed since flash changed at ${hex(address)}`);
    return stale | 0;
  }

  /** A word for the streaming FIFO, by any alias; the address wraps within the 16 MB of the window. */
  streamedWord(address: number): number {
    if (this.xipWindow === 0) return this.xipGarbage(address, false);
    return this.flashWord(address) >>> 0;
  }

  private storeXip(address: number, value: number): void {
    const region = address >>> 24;
    if (region <= 0x13) {
      // A write to the caching alias drops the line; to the others it is an error (datasheet 2.6.3.3).
      if (region !== 0x10 && this.xipBadWriteFaults) throw new Fault(`store to flash at ${hex(address)}`);
      if (region === 0x10 && this.xipCache) this.xipCache.invalidate(address);
      else this.log.warn("XIP", `write to flash window at ${hex(address)} changes nothing`);
      return;
    }
    const mapping = this.mappings.get(address >>> 14);
    if (!mapping || (address & 0x00ff_ffff) >= 0x4000) throw new Fault(`store to unmapped ${hex(address)}`);
    mapping.registers.writeUint32Atomic(address & 0xfff, value, (address >>> 12) & 3);
  }

  private mappingAt(address: number): Mapping {
    const mapping = this.mappings.get(address >>> 14);
    if (!mapping) throw new Fault(`access to unmapped ${hex(address)}`);
    return mapping;
  }

  private isHeld(mapping: Mapping, address: number, what: string): boolean {
    if (mapping.resetBit < 0 || !(this.heldInReset & (1 << mapping.resetBit))) return false;
    this.log.warn(mapping.name, `${what} at ${hex(address)} while held in reset`);
    return true;
  }

  private loadPeripheral(address: number): number {
    if (address >= USBCTRL_DPRAM_BASE && address < USBCTRL_DPRAM_END) {
      return this.usbDPRAMView.getUint32(address & 0xfff, true);
    }
    const mapping = this.mappingAt(address);
    if (this.isHeld(mapping, address, "read")) return 0;
    return mapping.registers.readUint32(address & 0xfff) >>> 0;
  }

  private storePeripheral(address: number, value: number): void {
    if (address >= USBCTRL_DPRAM_BASE && address < USBCTRL_DPRAM_END) {
      this.storeDpram(address, value, 0xffff_ffff);
      return;
    }
    const mapping = this.mappingAt(address);
    if (this.isHeld(mapping, address, "write")) return;
    markUsed(mapping.registers);
    mapping.registers.writeUint32Atomic(address & 0xfff, value, (address >>> 12) & 3);
  }

  private storeDpram(address: number, value: number, mask: number): void {
    const offset = address & 0xfff;
    const word = (this.usbDPRAMView.getUint32(offset, true) & ~mask) | (value & mask);
    this.usbDPRAMView.setUint32(offset, word, true);
    this.usbCtrl.DPRAMUpdated(offset, word >>> 0);
  }

  private loadPrivate(address: number): number {
    if (address >>> 12 !== 0xe000e) throw new Fault(`load from unmapped ${hex(address)}`);
    return this.ppb.readUint32(address & 0xfff);
  }

  private storePrivate(address: number, value: number): void {
    if (address >>> 12 !== 0xe000e) throw new Fault(`store to unmapped ${hex(address)}`);
    this.ppb.writeUint32(address & 0xfff, value);
  }

  // ---------------------------------------------------------------- the DMA's accesses

  isSram(address: number): boolean {
    return address >= SRAM_BASE && address - SRAM_BASE < this.sram8.length;
  }

  /**
   * A read by the DMA, of 1 << `size` bytes from an aligned address. The DMA has its own port of the bus
   * fabric, so the core does not wait for it; SIO and the private peripherals are not on the fabric
   * (datasheet 2.1). Throws `Fault` for a bus error.
   */
  busLoad(address: number, size: number): number {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < this.sram8.length) {
      if (size === 1) return this.sram16[offset >>> 1] as number;
      return size === 0 ? (this.sram8[offset] as number) : (this.sram32[offset >>> 2] as number);
    }
    const word = this.busLoadWord((address & ~3) >>> 0);
    if (size === 2) return word;
    return size === 1 ? (word >>> ((address & 2) << 3)) & 0xffff : (word >>> ((address & 3) << 3)) & 0xff;
  }

  private busLoadWord(address: number): number {
    const region = address >>> 28;
    if (region === 4 || region === 5) return this.loadPeripheral(address);
    if (region > 5) throw new Fault(`load from ${hex(address)}, which no bus master but a core reaches`);
    if (address >>> 26 === XIP_REGION) return this.streamedWord(address);
    return this.load32(address);
  }

  busStore(address: number, data: number, size: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < this.sram8.length) {
      if (size === 1) this.sram16[offset >>> 1] = data;
      else if (size === 0) this.sram8[offset] = data;
      else this.sram32[offset >>> 2] = data;
      return;
    }
    if (address >>> 28 > 5)
      throw new Fault(`store to ${hex(address)}, which no bus master but a core reaches`);
    if (size === 2) this.store32(address, data >>> 0);
    else if (size === 1) this.store16(address, data);
    else this.store8(address, data);
  }

  // ---------------------------------------------------------------- rp2040js' door: the debugger

  override readUint32(address: number): number {
    const at = (address & ~3) >>> 0;
    return this.quietly(at, () => {
      if (at >= SRAM_BASE && at < SRAM_BASE + this.sram.length) {
        return this.sram32[(at - SRAM_BASE) >>> 2] as number;
      }
      // A debugger shows the code also before execute-in-place works.
      if (this.debuggerAttached && at >>> 24 === 0x10) {
        return this.flash32[(at & (this.flash8.length - 1)) >>> 2] as number;
      }
      // Reads of a debugger cost the core no cycles and count as no accesses of the cache.
      if (this.xipCache && this.xipWindow > 0 && at >>> 26 === XIP_REGION) return this.flashWord(at);
      return this.load32(at);
    });
  }

  override readUint16(address: number): number {
    return (this.readUint32(address) >>> ((address & 2) << 3)) & 0xffff;
  }

  override readUint8(address: number): number {
    return (this.readUint32(address) >>> ((address & 3) << 3)) & 0xff;
  }

  override writeUint32(address: number, value: number): void {
    const at = (address & ~3) >>> 0;
    this.quietly(at, () => {
      if (at >= SRAM_BASE && at < SRAM_BASE + this.sram.length) this.sram32[(at - SRAM_BASE) >>> 2] = value;
      else this.store32(at, value);
    });
  }

  override writeUint16(address: number, value: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < this.sram.length) this.sram16[offset >>> 1] = value;
    else this.quietly(address, () => this.store16(address >>> 0, value & 0xffff));
  }

  /** A debugger patches code byte by byte, in flash too: a probe would use its flash loader here. */
  override writeUint8(address: number, value: number): void {
    const offset = address - SRAM_BASE;
    if (offset >= 0 && offset < this.sram.length) this.sram8[offset] = value;
    else if (this.debuggerAttached && address >>> 24 === 0x10) {
      this.flash8[address & (this.flash8.length - 1)] = value;
      this.cpu.codeMoved();
    } else this.quietly(address, () => this.store8(address >>> 0, value & 0xff));
  }

  private quietly(address: number, access: () => unknown): number {
    try {
      const value = access();
      return typeof value === "number" ? value >>> 0 : 0;
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      // A debugger may look anywhere.
      if (!this.debuggerAttached) this.log.warn("BUS", `${fault.reason} (debugger, ${hex(address)})`);
      return 0;
    }
  }
}
