/**
 * State and exception model of the Cortex-M0+ (ARMv6-M Architecture Reference Manual, part B1).
 *
 * rp2040js' own core loses wake-ups, never faults and gets flags wrong: V of ADCS with carry and of
 * SBCS with borrow at the edges, C of LSRS, ASRS and RORS by a register holding zero, C of LSLS by
 * more than 32 (each shown in test/simulator/chip/core/core.test.ts). So the simulator has a core of its
 * own; instruction execution is in core.ts. The outside check: QEMU's Cortex-M0 agreed with it on
 * 80,000 random instruction sequences, faults, SVC and their frames included; PendSV, nested
 * exceptions, WFI and unpredictable encodings rest on the manual alone. The members rp2040js and its
 * GDB server use keep their names.
 */
import type { CoreBus } from "../bus-interfaces.ts";
import type { StrictLog } from "../strict-log.ts";

const EXCEPTION_NMI = 2;
const EXCEPTION_HARD_FAULT = 3;
const EXCEPTION_SVCALL = 11;
const EXCEPTION_PENDSV = 14;
const EXCEPTION_SYSTICK = 15;
const FIRST_INTERRUPT = 16;

/** Priority of thread mode: below every configurable one (B1.5.4). */
const PRIORITY_THREAD = 4;
const PRIORITY_NMI = -2;
const PRIORITY_HARD_FAULT = -1;

const PSR_T = 1 << 24;

/** Cortex-M0+ TRM, section 3.5: 15 cycles from interrupt to its first instruction, no wait states. */
const ENTRY_CYCLES = 15;
/** The TRM gives no figure for the return; eight loads and a refilled pipeline come to this. */
const RETURN_CYCLES = 12;

/** Address the core claims to execute while locked up (B1.5.14). */
export const LOCKUP_PC = 0xffff_fffe;

/** Thrown inside an instruction: it has no effect, and HardFault (or Lockup) follows. */
export class Fault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface FaultRecord {
  /** Address of the instruction at fault. */
  readonly pc: number;
  readonly reason: string;
  readonly lockup: boolean;
}

export abstract class CoreState {
  readonly registers = new Uint32Array(16);
  /** The same registers, signed: integer arithmetic in JavaScript is signed. */
  protected readonly r = new Int32Array(this.registers.buffer);
  /** The stack pointer not in use. */
  bankedSP = 0;

  /** N is the sign of `n`, Z is set when `z` is zero; C and V are 0 or 1. */
  protected n = 0;
  protected z = 1;
  protected c = 0;
  protected v = 0;
  protected t = 1;

  PRIMASK = 0;
  SPSEL = 0;
  nPRIV = 0;
  IPSR = 0;
  VTOR = 0;
  SHPR2 = 0;
  SHPR3 = 0;
  SCR = 0;

  /** Levels of the interrupt lines, and the NVIC's latches. */
  lines = 0;
  pendingInterrupts = 0;
  enabledInterrupts = 0;
  readonly interruptPriority = new Uint8Array(32);
  interruptNMIMask = 0;
  pendingNMI = false;
  pendingPendSV = false;
  pendingSVCall = false;
  pendingSystick = false;
  /** By exception number. */
  private readonly active = new Uint8Array(48);
  private activeCount = 0;

  /** Asleep in WFI or WFE. */
  waiting = false;
  private waitsForEvent = false;
  eventRegistered = false;
  lockedUp = false;
  lastFault: FaultRecord | null = null;

  /** rp2040js' divider adds its latency here; nothing reads it. */
  cycles = 0;

  /** Cycles of the slice under way; the run loop ends when `executed` reaches `limit`. */
  executed = 0;
  limit = 0;
  protected sliceLimit = 0;
  protected attention = true;
  protected stopRequested = false;

  /** How far rp2040js' GDB server must rewind PC after a breakpoint: it is not advanced here. */
  readonly breakRewind = 0;
  /** Set while a debugger is attached; BKPT then halts instead of faulting. */
  onBreakpoint: ((code: number) => void) | null = null;

  protected readonly bus: CoreBus;
  protected readonly log: StrictLog;

  constructor(bus: CoreBus, log: StrictLog) {
    this.bus = bus;
    this.log = log;
  }

  /**
   * Core reset (B1.5.5). SP and PC come from the vector table in ROM, which the boot ROM model stands
   * for.
   */
  reset(): void {
    this.registers.fill(0);
    this.registers[14] = 0xffff_ffff;
    this.bankedSP = 0;
    this.n = this.c = this.v = 0;
    this.z = this.t = 1;
    this.PRIMASK = this.SPSEL = this.nPRIV = this.IPSR = this.VTOR = this.SHPR2 = this.SHPR3 = this.SCR = 0;
    this.enabledInterrupts = 0;
    // Lines that are still asserted pend again at once: the latches watch levels (B3.4.1).
    this.pendingInterrupts = this.lines;
    this.interruptPriority.fill(0);
    this.pendingNMI = this.pendingPendSV = this.pendingSVCall = this.pendingSystick = false;
    this.active.fill(0);
    this.activeCount = 0;
    this.waiting = this.waitsForEvent = this.eventRegistered = this.lockedUp = false;
    this.codeMoved();
    this.attend();
  }

  /** Forgets where instructions are fetched from. */
  abstract codeMoved(): void;

  get PC(): number {
    return this.registers[15] as number;
  }
  set PC(value: number) {
    this.registers[15] = value & ~1;
  }
  get SP(): number {
    return this.registers[13] as number;
  }
  set SP(value: number) {
    this.registers[13] = value & ~3;
  }
  get LR(): number {
    return this.registers[14] as number;
  }
  set LR(value: number) {
    this.registers[14] = value;
  }

  get xPSR(): number {
    const flags = (this.n < 0 ? 8 : 0) | (this.z === 0 ? 4 : 0) | (this.c << 1) | this.v;
    return ((flags << 28) | (this.t ? PSR_T : 0) | this.IPSR) >>> 0;
  }
  set xPSR(value: number) {
    this.setFlags(value);
    this.IPSR = value & 0x3f;
  }

  protected setFlags(value: number): void {
    this.n = value & 0x8000_0000;
    this.z = value & 0x4000_0000 ? 0 : 1;
    this.c = (value >>> 29) & 1;
    this.v = (value >>> 28) & 1;
  }

  get SPmain(): number {
    return this.SPSEL ? this.bankedSP : this.SP;
  }
  set SPmain(value: number) {
    if (this.SPSEL) this.bankedSP = (value & ~3) >>> 0;
    else this.SP = value;
  }
  get SPprocess(): number {
    return this.SPSEL ? this.SP : this.bankedSP;
  }
  set SPprocess(value: number) {
    if (this.SPSEL) this.SP = value;
    else this.bankedSP = (value & ~3) >>> 0;
  }

  /** The run loop looks at interrupts and requests before the next instruction. */
  attend(): void {
    this.attention = true;
    this.limit = -1;
  }

  /** Ends the slice after the instruction under way. */
  requestStop(): void {
    this.stopRequested = true;
    this.attend();
  }

  /** The slice may not go beyond `cycles`. */
  shorten(cycles: number): void {
    if (cycles < this.sliceLimit) {
      this.sliceLimit = cycles;
      if (cycles < this.limit) this.limit = cycles;
    }
  }

  /** Level of an interrupt line. Pending is a latch: it outlives the level (B3.4.1). */
  setInterrupt(irq: number, level: boolean): void {
    const bit = 1 << irq;
    if (!level) {
      this.lines &= ~bit;
    } else if (!(this.lines & bit)) {
      this.lines |= bit;
      this.pendInterrupts(bit);
      if (this.interruptNMIMask & bit) this.pendingNMI = true;
    }
  }

  pendInterrupts(bits: number): void {
    // SCR.SEVONPEND: an interrupt that becomes pending is an event even when disabled (B1.5.18).
    if (this.SCR & 0x10 && bits & ~this.pendingInterrupts) this.signalEvent();
    this.pendingInterrupts |= bits;
    this.attend();
  }

  /** ICPR: a line that is still asserted, and not being served, is pending again at once. */
  unpendInterrupts(bits: number): void {
    this.pendingInterrupts &= ~bits;
    for (let irq = 0; irq < 32; irq++) {
      if (this.lines & bits & (1 << irq) && !this.active[FIRST_INTERRUPT + irq])
        this.pendInterrupts(1 << irq);
    }
  }

  signalEvent(): void {
    this.eventRegistered = true;
    this.attend();
  }

  protected sleep(forEvent: boolean): void {
    if (forEvent && this.eventRegistered) {
      this.eventRegistered = false;
      return;
    }
    this.waiting = true;
    this.waitsForEvent = forEvent;
    this.attend();
  }

  priorityOf(exception: number): number {
    switch (exception) {
      case EXCEPTION_NMI:
        return PRIORITY_NMI;
      case EXCEPTION_HARD_FAULT:
        return PRIORITY_HARD_FAULT;
      case EXCEPTION_SVCALL:
        return this.SHPR2 >>> 30;
      case EXCEPTION_PENDSV:
        return (this.SHPR3 >>> 22) & 3;
      case EXCEPTION_SYSTICK:
        return this.SHPR3 >>> 30;
      default:
        return this.interruptPriority[exception - FIRST_INTERRUPT] as number;
    }
  }

  /** Execution priority (B1.5.4): the highest of all active exceptions, raised to 0 by PRIMASK. */
  executionPriority(withPrimask: boolean): number {
    let priority = PRIORITY_THREAD;
    if (this.activeCount > 0) {
      for (let exception = EXCEPTION_NMI; exception < this.active.length; exception++) {
        if (this.active[exception]) priority = Math.min(priority, this.priorityOf(exception));
      }
    }
    return withPrimask && this.PRIMASK ? Math.min(priority, 0) : priority;
  }

  /** Pending exception that goes first: highest priority, then lowest number (B1.5.4). 0 for none. */
  get vectPending(): number {
    if (this.pendingNMI) return EXCEPTION_NMI;
    let best = 0;
    if (this.pendingSVCall) best = EXCEPTION_SVCALL;
    if (this.pendingPendSV) best = this.moreUrgent(best, EXCEPTION_PENDSV);
    if (this.pendingSystick) best = this.moreUrgent(best, EXCEPTION_SYSTICK);
    let interrupts = this.pendingInterrupts & this.enabledInterrupts;
    while (interrupts) {
      const irq = 31 - Math.clz32(interrupts & -interrupts);
      interrupts &= interrupts - 1;
      best = this.moreUrgent(best, FIRST_INTERRUPT + irq);
    }
    return best;
  }

  /** The first to be taken of two pending exceptions, given in the order of their numbers; 0 for none. */
  private moreUrgent(one: number, other: number): number {
    return one === 0 || this.priorityOf(other) < this.priorityOf(one) ? other : one;
  }

  isActive(exception: number): boolean {
    return this.active[exception] === 1;
  }

  /**
   * B1.5.19: WFI ends for an exception that would preempt if PRIMASK were clear, even if the core then does
   * not take it. WFE ends for an event as well. An interrupt that was pending before the WFI counts too.
   */
  protected isWakeUpDue(): boolean {
    if (this.waitsForEvent && this.eventRegistered) {
      this.eventRegistered = false;
      return true;
    }
    const exception = this.vectPending;
    return exception !== 0 && this.priorityOf(exception) < this.executionPriority(false);
  }

  /** True if something could end the sleep; `wake` then looks closely. */
  get mayWake(): boolean {
    return (
      (this.pendingInterrupts & this.enabledInterrupts) !== 0 ||
      (this.waitsForEvent && this.eventRegistered) ||
      this.pendingNMI ||
      this.pendingPendSV ||
      this.pendingSVCall ||
      this.pendingSystick
    );
  }

  /** Wakes the core when it should, and takes the pending exception that may preempt, if there is one. */
  protected takePending(): void {
    if (this.waiting) {
      if (!this.isWakeUpDue()) return;
      this.waiting = false;
    }
    const exception = this.vectPending;
    if (exception === 0 || this.priorityOf(exception) >= this.executionPriority(true)) return;
    this.enter(exception, this.r[15] as number);
  }

  private clearPending(exception: number): void {
    if (exception === EXCEPTION_NMI) this.pendingNMI = false;
    else if (exception === EXCEPTION_SVCALL) this.pendingSVCall = false;
    else if (exception === EXCEPTION_PENDSV) this.pendingPendSV = false;
    else if (exception === EXCEPTION_SYSTICK) this.pendingSystick = false;
    else if (exception >= FIRST_INTERRUPT) this.pendingInterrupts &= ~(1 << (exception - FIRST_INTERRUPT));
  }

  /** Exception entry (B1.5.6): PushStack, then ExceptionTaken. */
  protected enter(exception: number, returnAddress: number): void {
    const usesProcessStack = this.SPSEL === 1 && this.IPSR === 0;
    const sp = this.r[13] as number;
    const aligned = sp & 4 ? 1 : 0;
    const frame = (sp - 0x20) & ~7;
    this.r[13] = frame;
    const { registers } = this;
    const psr = (this.xPSR & ~(1 << 9)) | (aligned << 9);
    const words = [registers[0], registers[1], registers[2], registers[3], registers[12], registers[14]];
    let stacked = true;
    try {
      for (let index = 0; index < 6; index++) this.store32(frame + 4 * index, words[index] as number);
      this.store32(frame + 0x18, returnAddress);
      this.store32(frame + 0x1c, psr);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      stacked = false;
      this.log.warn(
        "CORE",
        `exception ${exception}: frame at ${(frame >>> 0).toString(16)} could not be stacked`,
      );
    }
    this.executed += ENTRY_CYCLES;
    registers[14] = this.IPSR !== 0 ? 0xffff_fff1 : usesProcessStack ? 0xffff_fffd : 0xffff_fff9;
    if (usesProcessStack) this.switchStack(0);
    // A bus error while stacking is a HardFault of its own that takes the place of the exception,
    // which stays pending. When the exception is HardFault or NMI itself the error is not among
    // the causes of Lockup (Cortex-M0+ Generic User Guide 2.4.4): the handler starts all the same,
    // with SP where the frame would be. It survives if it sets SP before it pushes anything.
    let taken = exception;
    if (!stacked && exception !== EXCEPTION_HARD_FAULT && exception !== EXCEPTION_NMI) {
      taken = EXCEPTION_HARD_FAULT;
      this.lastFault = { pc: returnAddress >>> 0, reason: "stacking of an exception failed", lockup: false };
    } else {
      this.clearPending(exception);
    }
    this.takeException(taken);
  }

  private takeException(exception: number): void {
    this.IPSR = exception;
    if (!this.active[exception]) {
      this.active[exception] = 1;
      this.activeCount++;
    }
    this.eventRegistered = true;
    this.attend();
    let vector: number;
    try {
      vector = this.load32(this.VTOR + 4 * exception);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      if (exception === EXCEPTION_HARD_FAULT || exception === EXCEPTION_NMI) {
        this.lockUp("vector could not be read");
      } else {
        this.lastFault = { pc: this.PC, reason: "vector could not be read", lockup: false };
        this.takeException(EXCEPTION_HARD_FAULT);
      }
      return;
    }
    this.t = vector & 1;
    this.r[15] = vector & ~1;
  }

  /** Exception return (B1.5.8) for an EXC_RETURN value. */
  protected exceptionReturn(excReturn: number): void {
    const kind = excReturn & 0xf;
    const returning = this.IPSR;
    if ((excReturn | 0xf) !== -1 || (kind !== 1 && kind !== 9 && kind !== 0xd)) {
      throw new Fault(`invalid EXC_RETURN ${(excReturn >>> 0).toString(16)}`);
    }
    if (this.active[returning]) {
      this.active[returning] = 0;
      this.activeCount--;
    }
    if (returning >= FIRST_INTERRUPT) {
      // A level that was not cleared at its source makes the interrupt pending again.
      const bit = 1 << (returning - FIRST_INTERRUPT);
      if (this.lines & bit) this.pendingInterrupts |= bit;
    }
    if (kind === 0xd) this.switchStack(1);
    const frame = this.r[13] as number;
    const words: number[] = [];
    try {
      for (let index = 0; index < 8; index++) words.push(this.load32(frame + 4 * index));
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      // Generic User Guide 2.4.4: Lockup when the main stack cannot be unstacked.
      if (kind !== 0xd) {
        this.lockUp("frame could not be unstacked");
        return;
      }
      this.IPSR = 0;
      throw fault;
    }
    const { r } = this;
    for (let index = 0; index < 4; index++) r[index] = words[index] as number;
    r[12] = words[4] as number;
    r[14] = words[5] as number;
    const psr = words[7] as number;
    r[13] = (frame + 0x20) | (psr & (1 << 9) ? 4 : 0);
    r[15] = (words[6] as number) & ~1;
    this.setFlags(psr);
    this.t = psr & PSR_T ? 1 : 0;
    this.IPSR = kind === 1 ? psr & 0x3f : 0;
    this.executed += RETURN_CYCLES;
    this.eventRegistered = true;
    this.attend();
    // SCR.SLEEPONEXIT (B1.5.20)
    if (this.SCR & 2 && this.IPSR === 0 && kind !== 1) this.sleep(false);
  }

  private switchStack(select: number): void {
    if (this.SPSEL === select) return;
    const other = this.bankedSP;
    this.bankedSP = this.registers[13] as number;
    this.registers[13] = other;
    this.SPSEL = select;
  }

  /**
   * A synchronous fault of the instruction at r[15]: HardFault, or Lockup at its priority or above
   * (B1.5.14).
   */
  protected fault(reason: string): void {
    const pc = this.registers[15] as number;
    if (this.executionPriority(false) <= PRIORITY_HARD_FAULT) {
      this.lockUp(reason);
      return;
    }
    this.lastFault = { pc, reason, lockup: false };
    this.enter(EXCEPTION_HARD_FAULT, pc);
  }

  private lockUp(reason: string): void {
    this.lastFault = { pc: this.PC, reason, lockup: true };
    this.lockedUp = true;
    this.registers[15] = LOCKUP_PC;
    this.requestStop();
  }

  /** SVC (A6.7.68): escalates to HardFault where SVCall could not preempt (B1.5.4). */
  protected superviseCall(next: number): void {
    if (this.priorityOf(EXCEPTION_SVCALL) >= this.executionPriority(true)) {
      throw new Fault("SVC at a priority that SVCall cannot preempt");
    }
    this.enter(EXCEPTION_SVCALL, next);
  }

  /** MRS (B5.2.2); rp2040js' GDB server calls it by this name. */
  readSpecialRegister(sysm: number): number {
    switch (sysm) {
      case 0:
      case 1:
      case 2:
      case 3: {
        return ((this.xPSR & 0xf000_0000) | (sysm & 1 ? this.IPSR : 0)) >>> 0;
      }
      case 5:
      case 7:
        return this.IPSR;
      case 6:
        return 0;
      case 8:
        return this.SPmain;
      case 9:
        return this.SPprocess;
      case 16:
        return this.PRIMASK;
      case 20:
        return (this.SPSEL << 1) | this.nPRIV;
      default:
        this.log.warn("CORE", `MRS of unknown special register ${sysm} is UNPREDICTABLE`);
        return 0;
    }
  }

  /** MSR (B5.2.3). */
  writeSpecialRegister(sysm: number, value: number): void {
    switch (sysm) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.setFlags(value);
        break;
      case 5:
      case 6:
      case 7:
        break; // IPSR and EPSR ignore writes
      case 8:
        this.SPmain = value;
        break;
      case 9:
        this.SPprocess = value;
        break;
      case 16:
        this.PRIMASK = value & 1;
        this.attend();
        break;
      case 20:
        this.nPRIV = value & 1;
        if (this.nPRIV) this.log.warn("CORE", "unprivileged mode is not modelled");
        if (this.IPSR === 0) this.switchStack((value >> 1) & 1);
        break;
      default:
        this.log.warn("CORE", `MSR of unknown special register ${sysm} is UNPREDICTABLE`);
    }
  }

  protected abstract load32(address: number): number;
  protected abstract store32(address: number, value: number): void;
}
