/**
 * Private peripheral bus of the core: SysTick, NVIC and system control block
 * (ARMv6-M Architecture Reference Manual B3.2 to B3.4; datasheet 2.4.8).
 */

import type { SystemBus } from "../bus.ts";
import type { Alarm } from "../clocks/clock.ts";
import { Peripheral } from "../peripheral.ts";

/** Offsets from 0xe000e000 (datasheet 2.4.8). */
export enum PPB {
  SYST_CSR = 0x010,
  SYST_RVR = 0x014,
  SYST_CVR = 0x018,
  SYST_CALIB = 0x01c,
  NVIC_ISER = 0x100,
  NVIC_ICER = 0x180,
  NVIC_ISPR = 0x200,
  NVIC_ICPR = 0x280,
  NVIC_IPR0 = 0x400,
  NVIC_IPR1 = 0x404,
  NVIC_IPR2 = 0x408,
  NVIC_IPR3 = 0x40c,
  NVIC_IPR4 = 0x410,
  NVIC_IPR5 = 0x414,
  NVIC_IPR6 = 0x418,
  NVIC_IPR7 = 0x41c,
  CPUID = 0xd00,
  ICSR = 0xd04,
  VTOR = 0xd08,
  AIRCR = 0xd0c,
  SCR = 0xd10,
  CCR = 0xd14,
  SHPR2 = 0xd1c,
  SHPR3 = 0xd20,
  SHCSR = 0xd24,
  MPU_TYPE = 0xd90,
  MPU_CTRL = 0xd94,
  MPU_RNR = 0xd98,
  MPU_RBAR = 0xd9c,
  MPU_RASR = 0xda0,
}

const SYST_CSR_ENABLE = 1 << 0;
const SYST_CSR_TICKINT = 1 << 1;
const SYST_CSR_CLKSOURCE = 1 << 2;
const SYST_CSR_COUNTFLAG = 1 << 16;
const SYST_RVR_RELOAD = 0xff_ffff;
/** No reference clock of its own, 10 ms not exact, 10 000 counts of 1 us. */
const SYST_CALIB = 0xc000_270f;
const CPUID = 0x410c_c601;
const ICSR_VECTPENDING_SHIFT = 12;
const ICSR_ISRPENDING = 1 << 22;
const ICSR_PENDSTCLR = 1 << 25;
const ICSR_PENDSTSET = 1 << 26;
const ICSR_PENDSVCLR = 1 << 27;
const ICSR_PENDSVSET = 1 << 28;
const ICSR_NMIPENDSET = 0x8000_0000;
const VTOR_TBLOFF = 0xffff_ff00;
const AIRCR_SYSRESETREQ = 1 << 2;
const AIRCR_VECTKEY = 0x05fa;
/** VECTKEYSTAT: the value that the field of VECTKEY reads as. */
const AIRCR_READ = 0xfa05_0000;
/** SEVONPEND, SLEEPDEEP and SLEEPONEXIT. */
const SCR_WRITABLE = (1 << 4) | (1 << 2) | (1 << 1);
/** STKALIGN and UNALIGN_TRP, both always on. */
const CCR = (1 << 9) | (1 << 3);
/** PRI_11. */
const SHPR2_WRITABLE = 0xc000_0000;
/** PRI_14 and PRI_15. */
const SHPR3_WRITABLE = 0xc0c0_0000;
const SHCSR_SVCALLPENDED = 1 << 15;
/** Eight regions. */
const MPU_TYPE = 0x800;
const MPU_CTRL_ENABLE = 1 << 0;

export class PrivatePeripherals extends Peripheral {
  private readonly sysTick: SysTick;

  constructor(bus: SystemBus, tickPeriodNanos: () => number) {
    super(bus, "PPB");
    this.sysTick = new SysTick(bus, tickPeriodNanos);
  }

  reset(): void {
    this.sysTick.reset();
  }

  clockChanged(): void {
    this.sysTick.clockChanged();
  }

  protected read(offset: number): number | undefined {
    const { cpu } = this.bus;
    if (offset >= PPB.NVIC_IPR0 && offset <= PPB.NVIC_IPR7)
      return this.readPriorities(offset - PPB.NVIC_IPR0);
    switch (offset) {
      case PPB.SYST_CSR:
        return this.sysTick.readControl();
      case PPB.SYST_RVR:
        return this.sysTick.reload;
      case PPB.SYST_CVR:
        return this.sysTick.value;
      case PPB.SYST_CALIB:
        return SYST_CALIB;
      case PPB.NVIC_ISER:
      case PPB.NVIC_ICER:
        return cpu.enabledInterrupts;
      case PPB.NVIC_ISPR:
      case PPB.NVIC_ICPR:
        return cpu.pendingInterrupts;
      case PPB.CPUID:
        return CPUID;
      case PPB.ICSR:
        return this.readControlState();
      case PPB.VTOR:
        return cpu.VTOR;
      case PPB.AIRCR:
        return AIRCR_READ;
      case PPB.SCR:
        return cpu.SCR;
      case PPB.CCR:
        return CCR;
      case PPB.SHPR2:
        return cpu.SHPR2;
      case PPB.SHPR3:
        return cpu.SHPR3;
      case PPB.SHCSR:
        return cpu.pendingSVCall ? SHCSR_SVCALLPENDED : 0;
      case PPB.MPU_TYPE:
        return MPU_TYPE;
      case PPB.MPU_CTRL:
      case PPB.MPU_RNR:
      case PPB.MPU_RBAR:
      case PPB.MPU_RASR:
        return 0;
    }
    return undefined;
  }

  protected write(offset: number, value: number): boolean {
    const { cpu } = this.bus;
    if (offset >= PPB.NVIC_IPR0 && offset <= PPB.NVIC_IPR7) {
      for (let byte = 0; byte < 4; byte++) {
        cpu.interruptPriority[offset - PPB.NVIC_IPR0 + byte] = (value >>> (8 * byte + 6)) & 3;
      }
      cpu.attend();
      return true;
    }
    switch (offset) {
      case PPB.SYST_CSR:
        this.sysTick.writeControl(value);
        return true;
      case PPB.SYST_RVR:
        this.sysTick.reload = value & SYST_RVR_RELOAD;
        return true;
      case PPB.SYST_CVR:
        this.sysTick.clear();
        return true;
      case PPB.NVIC_ISER:
        cpu.enabledInterrupts |= value;
        break;
      case PPB.NVIC_ICER:
        cpu.enabledInterrupts &= ~value;
        break;
      case PPB.NVIC_ISPR:
        cpu.pendInterrupts(value);
        break;
      case PPB.NVIC_ICPR:
        cpu.unpendInterrupts(value);
        break;
      case PPB.ICSR:
        this.writeControlState(value);
        break;
      case PPB.VTOR:
        cpu.VTOR = (value & VTOR_TBLOFF) >>> 0;
        break;
      case PPB.AIRCR:
        if (value >>> 16 === AIRCR_VECTKEY && value & AIRCR_SYSRESETREQ) {
          this.warn("AIRCR.SYSRESETREQ is not modelled: restart through the watchdog");
        }
        break;
      case PPB.SCR:
        cpu.SCR = value & SCR_WRITABLE;
        break;
      case PPB.SHPR2:
        cpu.SHPR2 = (value & SHPR2_WRITABLE) >>> 0;
        break;
      case PPB.SHPR3:
        cpu.SHPR3 = (value & SHPR3_WRITABLE) >>> 0;
        break;
      case PPB.SHCSR:
        break;
      case PPB.MPU_CTRL:
      case PPB.MPU_RNR:
      case PPB.MPU_RBAR:
      case PPB.MPU_RASR:
        if (offset !== PPB.MPU_CTRL || value & MPU_CTRL_ENABLE) this.warn("the MPU is not modelled");
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
      word |= (this.bus.cpu.interruptPriority[first + byte] as number) << (8 * byte + 6);
    }
    return word;
  }

  private readControlState(): number {
    const { cpu } = this.bus;
    return (
      (cpu.pendingNMI ? ICSR_NMIPENDSET : 0) |
      (cpu.pendingPendSV ? ICSR_PENDSVSET : 0) |
      (cpu.pendingSystick ? ICSR_PENDSTSET : 0) |
      (cpu.pendingInterrupts ? ICSR_ISRPENDING : 0) |
      (cpu.vectPending << ICSR_VECTPENDING_SHIFT) |
      cpu.IPSR
    );
  }

  private writeControlState(value: number): void {
    const { cpu } = this.bus;
    if (value & ICSR_NMIPENDSET) cpu.pendingNMI = true;
    if (value & ICSR_PENDSVSET) cpu.pendingPendSV = true;
    if (value & ICSR_PENDSVCLR) cpu.pendingPendSV = false;
    if (value & ICSR_PENDSTSET) cpu.pendingSystick = true;
    if (value & ICSR_PENDSTCLR) cpu.pendingSystick = false;
  }
}

/** 24-bit down counter on the processor clock, or on the watchdog tick (datasheet 2.4.5.1.1). */
class SysTick {
  reload = 0;
  private readonly bus: SystemBus;
  private readonly tickPeriodNanos: () => number;
  private readonly zero: Alarm;
  private control = 0;
  private countFlag = false;
  private start = 0;
  private sinceNanos = 0;
  private period = 0;

  constructor(bus: SystemBus, tickPeriodNanos: () => number) {
    this.bus = bus;
    this.tickPeriodNanos = tickPeriodNanos;
    this.zero = bus.alarms.createAlarm(() => this.reachedZero());
  }

  reset(): void {
    this.control = this.reload = this.start = this.period = 0;
    this.countFlag = false;
    this.zero.cancel();
  }

  private currentPeriod(): number {
    if (!(this.control & SYST_CSR_ENABLE)) return 0;
    return this.control & SYST_CSR_CLKSOURCE ? 1e9 / this.bus.clkSys : this.tickPeriodNanos();
  }

  /** Counts down from `start`; reaching zero is an alarm, so it never has to wrap here. */
  get value(): number {
    if (this.period === 0) return this.start;
    const elapsed = Math.floor((this.bus.alarms.nanos - this.sinceNanos) / this.period + 1e-6);
    const value = this.start - elapsed;
    return value >= 0 ? value : Math.max(0, this.reload + 1 + value);
  }

  private rebase(value: number): void {
    this.start = value;
    this.sinceNanos = this.bus.alarms.nanos;
    this.period = this.currentPeriod();
    this.zero.cancel();
    if (this.period === 0) return;
    // From zero the next count loads RELOAD; a RELOAD of zero stops the counter (B3.3.1).
    const counts = value > 0 ? value : this.reload > 0 ? this.reload + 1 : 0;
    if (counts > 0) this.zero.schedule(counts * this.period);
  }

  private reachedZero(): void {
    this.countFlag = true;
    if (this.control & SYST_CSR_TICKINT) {
      this.bus.cpu.pendingSystick = true;
      this.bus.cpu.attend();
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
    const flag = this.countFlag ? SYST_CSR_COUNTFLAG : 0;
    this.countFlag = false;
    return flag | this.control;
  }

  writeControl(value: number): void {
    const current = this.value;
    this.control = value & (SYST_CSR_ENABLE | SYST_CSR_TICKINT | SYST_CSR_CLKSOURCE);
    this.rebase(current);
  }
}
