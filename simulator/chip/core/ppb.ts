/**
 * Private peripheral bus of the core: SysTick, NVIC and system control block
 * (ARMv6-M Architecture Reference Manual B3.2 to B3.4; datasheet 2.4.8).
 */
import { Block } from "../block.ts";
import type { EmulatedChip } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";

/** Lines 26 to 31 are wired to nothing but can be pended by software (datasheet 2.3.2). */
const PENDSVSET = 1 << 28;
const PENDSVCLR = 1 << 27;
const PENDSTSET = 1 << 26;
const PENDSTCLR = 1 << 25;
const NMIPENDSET = 0x8000_0000;
const AIRCR_KEY = 0x05fa;

export class PrivatePeripherals extends Block {
  private readonly sysTick: SysTick;

  constructor(chip: EmulatedChip, tickPeriodNanos: () => number) {
    super(chip, "PPB");
    this.sysTick = new SysTick(chip, tickPeriodNanos);
  }

  reset(): void {
    this.sysTick.reset();
  }

  clockChanged(): void {
    this.sysTick.clockChanged();
  }

  protected read(offset: number): number | undefined {
    const { cpu } = this.chip;
    if (offset >= 0x400 && offset <= 0x41c) return this.readPriorities(offset - 0x400);
    switch (offset) {
      case 0x010:
        return this.sysTick.readControl();
      case 0x014:
        return this.sysTick.reload;
      case 0x018:
        return this.sysTick.value;
      case 0x01c:
        return 0xc000_270f;
      case 0x100:
      case 0x180:
        return cpu.enabledInterrupts;
      case 0x200:
      case 0x280:
        return cpu.pendingInterrupts;
      case 0xd00:
        return 0x410c_c601;
      case 0xd04:
        return this.readControlState();
      case 0xd08:
        return cpu.VTOR;
      case 0xd0c:
        return 0xfa05_0000;
      case 0xd10:
        return cpu.SCR;
      case 0xd14:
        return 0x208; // CCR: stack alignment and unaligned trap, both always on
      case 0xd1c:
        return cpu.SHPR2;
      case 0xd20:
        return cpu.SHPR3;
      case 0xd24:
        return cpu.pendingSVCall ? 0x8000 : 0;
      case 0xd90:
        return 0x800; // MPU_TYPE: 8 regions
      case 0xd94:
      case 0xd98:
      case 0xd9c:
      case 0xda0:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    const { cpu } = this.chip;
    if (offset >= 0x400 && offset <= 0x41c) {
      for (let byte = 0; byte < 4; byte++) {
        cpu.interruptPriority[offset - 0x400 + byte] = (value >>> (8 * byte + 6)) & 3;
      }
      cpu.attend();
      return true;
    }
    switch (offset) {
      case 0x010:
        this.sysTick.writeControl(value);
        return true;
      case 0x014:
        this.sysTick.reload = value & 0xff_ffff;
        return true;
      case 0x018:
        this.sysTick.clear();
        return true;
      case 0x100:
        cpu.enabledInterrupts |= value;
        break;
      case 0x180:
        cpu.enabledInterrupts &= ~value;
        break;
      case 0x200:
        cpu.pendInterrupts(value);
        break;
      case 0x280:
        cpu.unpendInterrupts(value);
        break;
      case 0xd04:
        this.writeControlState(value);
        break;
      case 0xd08:
        cpu.VTOR = (value & 0xffff_ff00) >>> 0;
        break;
      case 0xd0c:
        if (value >>> 16 === AIRCR_KEY && value & 4) {
          this.warn("AIRCR.SYSRESETREQ is not modelled: restart through the watchdog");
        }
        break;
      case 0xd10:
        cpu.SCR = value & 0x16;
        break;
      case 0xd1c:
        cpu.SHPR2 = (value & 0xc000_0000) >>> 0;
        break;
      case 0xd20:
        cpu.SHPR3 = (value & 0xc0c0_0000) >>> 0;
        break;
      case 0xd24:
        break;
      case 0xd94:
      case 0xd98:
      case 0xd9c:
      case 0xda0:
        if (offset !== 0xd94 || value & 1) this.warn("the MPU is not modelled");
        break;
      default:
        return false;
    }
    cpu.attend();
    return true;
  }

  private readPriorities(first: number): number {
    let word = 0;
    for (let byte = 0; byte < 4; byte++) {
      word |= (this.chip.cpu.interruptPriority[first + byte] as number) << (8 * byte + 6);
    }
    return word;
  }

  private readControlState(): number {
    const { cpu } = this.chip;
    return (
      (cpu.pendingNMI ? NMIPENDSET : 0) |
      (cpu.pendingPendSV ? PENDSVSET : 0) |
      (cpu.pendingSystick ? PENDSTSET : 0) |
      (cpu.pendingInterrupts ? 1 << 22 : 0) |
      (cpu.vectPending << 12) |
      cpu.IPSR
    );
  }

  private writeControlState(value: number): void {
    const { cpu } = this.chip;
    if (value & NMIPENDSET) cpu.pendingNMI = true;
    if (value & PENDSVSET) cpu.pendingPendSV = true;
    if (value & PENDSVCLR) cpu.pendingPendSV = false;
    if (value & PENDSTSET) cpu.pendingSystick = true;
    if (value & PENDSTCLR) cpu.pendingSystick = false;
  }
}

/** 24-bit down counter on the processor clock, or on the watchdog tick (datasheet 2.4.5.1.1). */
class SysTick {
  reload = 0;
  private readonly chip: EmulatedChip;
  private readonly tickPeriodNanos: () => number;
  private readonly zero: Alarm;
  private control = 0;
  private countFlag = false;
  private start = 0;
  private sinceNanos = 0;
  private period = 0;

  constructor(chip: EmulatedChip, tickPeriodNanos: () => number) {
    this.chip = chip;
    this.tickPeriodNanos = tickPeriodNanos;
    this.zero = chip.alarms.createAlarm(() => this.reachedZero());
  }

  reset(): void {
    this.control = this.reload = this.start = this.period = 0;
    this.countFlag = false;
    this.zero.cancel();
  }

  private currentPeriod(): number {
    if (!(this.control & 1)) return 0;
    return this.control & 4 ? 1e9 / this.chip.clkSys : this.tickPeriodNanos();
  }

  /** Counts down from `start`; reaching zero is an alarm, so it never has to wrap here. */
  get value(): number {
    if (this.period === 0) return this.start;
    const elapsed = Math.floor((this.chip.alarms.nanos - this.sinceNanos) / this.period + 1e-6);
    const value = this.start - elapsed;
    return value >= 0 ? value : Math.max(0, this.reload + 1 + value);
  }

  private rebase(value: number): void {
    this.start = value;
    this.sinceNanos = this.chip.alarms.nanos;
    this.period = this.currentPeriod();
    this.zero.cancel();
    if (this.period === 0) return;
    // From zero the next count loads RELOAD; a RELOAD of zero stops the counter (B3.3.1).
    const counts = value > 0 ? value : this.reload > 0 ? this.reload + 1 : 0;
    if (counts > 0) this.zero.schedule(counts * this.period);
  }

  private reachedZero(): void {
    this.countFlag = true;
    if (this.control & 2) {
      this.chip.cpu.pendingSystick = true;
      this.chip.cpu.attend();
    }
    this.rebase(0);
  }

  clockChanged(): void {
    if (this.currentPeriod() !== this.period) this.rebase(this.value);
  }

  clear(): void {
    this.countFlag = false;
    this.rebase(0);
  }

  readControl(): number {
    const flag = this.countFlag ? 1 << 16 : 0;
    this.countFlag = false;
    return flag | this.control;
  }

  writeControl(value: number): void {
    const current = this.value;
    this.control = value & 7;
    this.rebase(current);
  }
}
