/**
 * Instruction execution of the Cortex-M0+ (ARMv6-M Architecture Reference Manual, chapter A6).
 *
 * One table turns the 65536 halfwords into operations, one switch executes them. It is one
 * long function on purpose: emulation speed lives in this loop, and a call per instruction
 * would halve it. Cycle counts are those of the Cortex-M0+ TRM, table 3-1, with the single
 * cycle multiplier of the RP2040 (datasheet 2.4.1) and no wait states, except for flash with a
 * model of its cache (xip-cache.ts).
 */
import { CoreState, Fault } from "./core-state.ts";

enum Op {
  UNDEFINED = 0,
  LSL_IMM = 1,
  LSR_IMM = 2,
  ASR_IMM = 3,
  ADD_REG = 4,
  SUB_REG = 5,
  ADD_IMM3 = 6,
  SUB_IMM3 = 7,
  MOV_IMM = 8,
  CMP_IMM = 9,
  ADD_IMM8 = 10,
  SUB_IMM8 = 11,
  AND = 12,
  EOR = 13,
  LSL_REG = 14,
  LSR_REG = 15,
  ASR_REG = 16,
  ADC = 17,
  SBC = 18,
  ROR = 19,
  TST = 20,
  RSB = 21,
  CMP_REG = 22,
  CMN = 23,
  ORR = 24,
  MUL = 25,
  BIC = 26,
  MVN = 27,
  ADD_HIGH = 28,
  CMP_HIGH = 29,
  MOV_HIGH = 30,
  BX = 31,
  BLX = 32,
  LDR_LITERAL = 33,
  STR_REG = 34,
  STRH_REG = 35,
  STRB_REG = 36,
  LDRSB_REG = 37,
  LDR_REG = 38,
  LDRH_REG = 39,
  LDRB_REG = 40,
  LDRSH_REG = 41,
  STR_IMM = 42,
  LDR_IMM = 43,
  STRB_IMM = 44,
  LDRB_IMM = 45,
  STRH_IMM = 46,
  LDRH_IMM = 47,
  STR_SP = 48,
  LDR_SP = 49,
  ADR = 50,
  ADD_SP_REG = 51,
  ADD_SP = 52,
  SUB_SP = 53,
  SXTH = 54,
  SXTB = 55,
  UXTH = 56,
  UXTB = 57,
  PUSH = 58,
  CPS = 59,
  REV = 60,
  REV16 = 61,
  REVSH = 62,
  POP = 63,
  BKPT = 64,
  NOP = 65,
  WFE = 66,
  WFI = 67,
  SEV = 68,
  STM = 69,
  LDM = 70,
  BEQ = 71,
  BNE = 72,
  BCS = 73,
  BCC = 74,
  BMI = 75,
  BPL = 76,
  BVS = 77,
  BVC = 78,
  BHI = 79,
  BLS = 80,
  BGE = 81,
  BLT = 82,
  BGT = 83,
  BLE = 84,
  UDF = 85,
  SVC = 86,
  B = 87,
  WIDE = 88,
}

/** Operation of a halfword (A5.2); the 32-bit encodings (A5.3) all begin with WIDE. */
function decode(opcode: number): Op {
  const top = opcode >> 11;
  if (top < 0b00011) return [Op.LSL_IMM, Op.LSR_IMM, Op.ASR_IMM][top] as Op;
  if (top === 0b00011) return [Op.ADD_REG, Op.SUB_REG, Op.ADD_IMM3, Op.SUB_IMM3][(opcode >> 9) & 3] as Op;
  if (top < 0b01000) return [Op.MOV_IMM, Op.CMP_IMM, Op.ADD_IMM8, Op.SUB_IMM8][top & 3] as Op;
  if (opcode >> 10 === 0b010000) return (Op.AND + ((opcode >> 6) & 15)) as Op;
  if (opcode >> 10 === 0b010001) {
    const kind = (opcode >> 8) & 3;
    if (kind < 3) return [Op.ADD_HIGH, Op.CMP_HIGH, Op.MOV_HIGH][kind] as Op;
    if (opcode & 7) return Op.UNDEFINED;
    return opcode & 0x80 ? Op.BLX : Op.BX;
  }
  if (top === 0b01001) return Op.LDR_LITERAL;
  if (opcode >> 12 === 0b0101) return (Op.STR_REG + ((opcode >> 9) & 7)) as Op;
  if (top < 0b10100) return (Op.STR_IMM + (top - 0b01100)) as Op;
  if (top === 0b10100) return Op.ADR;
  if (top === 0b10101) return Op.ADD_SP_REG;
  if (opcode >> 12 === 0b1011) return decodeMiscellaneous(opcode);
  if (top === 0b11000) return Op.STM;
  if (top === 0b11001) return Op.LDM;
  if (opcode >> 12 === 0b1101) return (Op.BEQ + ((opcode >> 8) & 15)) as Op;
  if (top === 0b11100) return Op.B;
  return Op.WIDE;
}

/** Miscellaneous 16-bit instructions (A5.2.5). */
function decodeMiscellaneous(opcode: number): Op {
  switch ((opcode >> 8) & 15) {
    case 0b0000:
      return opcode & 0x80 ? Op.SUB_SP : Op.ADD_SP;
    case 0b0010:
      return (Op.SXTH + ((opcode >> 6) & 3)) as Op;
    case 0b0100:
    case 0b0101:
      return Op.PUSH;
    case 0b0110:
      return (opcode & 0xffef) === 0xb662 ? Op.CPS : Op.UNDEFINED;
    case 0b1010:
      return [Op.REV, Op.REV16, Op.UNDEFINED, Op.REVSH][(opcode >> 6) & 3] as Op;
    case 0b1100:
    case 0b1101:
      return Op.POP;
    case 0b1110:
      return Op.BKPT;
    case 0b1111: {
      if (opcode & 15) return Op.UNDEFINED;
      // Unallocated hints execute as NOP.
      return [Op.NOP, Op.NOP, Op.WFE, Op.WFI, Op.SEV][(opcode >> 4) & 15] ?? Op.NOP;
    }
    default:
      return Op.UNDEFINED;
  }
}

const OPERATIONS = Uint8Array.from({ length: 65536 }, (_, opcode) => decode(opcode));

/** STM, LDM, PUSH and POP: number of registers in a list of eight. */
const LIST_LENGTH = Uint8Array.from({ length: 256 }, (_, list) => {
  let count = 0;
  for (let bit = 0; bit < 8; bit++) count += (list >> bit) & 1;
  return count;
});

const SRAM_BASE = 0x2000_0000;
const SRAM_BYTES = 264 * 1024;
const XIP_BASE = 0x1000_0000;
/** Its four aliases, 0x10 to 0x13, by their topmost bits. */
const XIP_REGION = XIP_BASE >>> 26;

const NO_CODE = new Uint16Array(0);

export class Core extends CoreState {
  /** The memory instructions come from at the moment, so that a fetch is one array access. */
  private code: Uint16Array = NO_CODE;
  private codeBase = 0;
  private codeCount = 0;
  private readonly loaded = new Int32Array(8);
  /** The word fetched last, where words from flash come one by one. */
  private readonly fetched = new Uint16Array(2);

  codeMoved(): void {
    this.code = NO_CODE;
    this.codeCount = 0;
    this.attend();
  }

  /** Executes for `cycles` at least, or until asleep, locked up or asked to stop. Returns cycles executed. */
  run(cycles: number): number {
    this.executed = 0;
    this.sliceLimit = this.limit = cycles;
    this.stopRequested = false;
    while (this.executed < this.sliceLimit) {
      this.limit = this.sliceLimit;
      if (this.attention) {
        this.attention = false;
        if (this.stopRequested || this.lockedUp) break;
        this.takePending();
        if (this.waiting) {
          this.attention = true;
          break;
        }
        if (this.attention) continue;
      }
      this.guardedExecute();
    }
    return this.executed;
  }

  /**
   * As `run`, one instruction at a time: `before` sees the address of each, and a stop that it asks for
   * comes before that instruction.
   */
  runTraced(cycles: number, before: (pc: number) => void): number {
    this.executed = 0;
    this.sliceLimit = cycles;
    this.stopRequested = false;
    while (this.executed < this.sliceLimit) {
      if (this.attention) {
        this.attention = false;
        if (this.stopRequested || this.lockedUp) break;
        this.takePending();
        if (this.waiting) {
          this.attention = true;
          break;
        }
        if (this.attention) continue;
      }
      before((this.r[15] as number) >>> 0);
      if (this.stopRequested) break;
      this.limit = this.executed + 1;
      this.guardedExecute();
    }
    return this.executed;
  }

  /** Ends the sleep if there is a reason to. */
  wake(): void {
    this.attention = true;
    this.executed = 0;
    if (this.isWakeUpDue()) this.waiting = false;
  }

  private guardedExecute(): void {
    try {
      this.execute();
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.executed++;
      this.fault(fault.reason);
    }
  }

  /** Makes the memory at `pc` the one fetched from, where it is SRAM, flash or ROM. */
  private fetchElsewhere(pc: number): number {
    const { bus } = this;
    const address = pc >>> 0;
    if (address - SRAM_BASE < SRAM_BYTES && address >= SRAM_BASE) {
      this.code = bus.sram16;
      this.codeBase = SRAM_BASE;
    } else if (address - XIP_BASE < bus.xipBytes && address >= XIP_BASE) {
      this.code = bus.flash16;
      this.codeBase = XIP_BASE;
    } else if (bus.xipCache !== null && address >>> 26 === XIP_REGION) {
      return this.fetchWord(address);
    } else {
      this.code = NO_CODE;
      this.codeCount = 0;
      return bus.fetch16(address);
    }
    this.codeCount = this.code.length;
    return this.code[(address - this.codeBase) >>> 1] as number;
  }

  /**
   * One fetch is an aligned word and serves the instructions in both its halves (datasheet 2.4.1:
   * 32-bit instruction fetch): the memory fetched from shrinks to that word, so that leaving it comes
   * back here. Simplified: the core fetches no further than it executes, so no word is read that a
   * branch then leaves unused, and no wait is hidden behind the instruction before; and a branch within
   * the word does not read it again.
   */
  private fetchWord(address: number): number {
    const { fetched } = this;
    const word = this.bus.fetchXip32(address);
    fetched[0] = word;
    fetched[1] = word >>> 16;
    this.code = fetched;
    this.codeBase = address & ~3;
    this.codeCount = 2;
    return fetched[(address >>> 1) & 1] as number;
  }

  protected load32(address: number): number {
    if (address & 3) throw new Fault(`unaligned word load from ${(address >>> 0).toString(16)}`);
    const { bus } = this;
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) return bus.sram32[sram >> 2] as number;
    const xip = (address - XIP_BASE) >>> 0;
    if (xip < bus.xipBytes) return bus.flash32[xip >> 2] as number;
    return bus.load32(address >>> 0) | 0;
  }

  protected load16(address: number): number {
    if (address & 1) throw new Fault(`unaligned halfword load from ${(address >>> 0).toString(16)}`);
    const { bus } = this;
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) return bus.sram16[sram >> 1] as number;
    const xip = (address - XIP_BASE) >>> 0;
    if (xip < bus.xipBytes) return bus.flash16[xip >> 1] as number;
    return bus.load16(address >>> 0);
  }

  protected load8(address: number): number {
    const { bus } = this;
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) return bus.sram8[sram] as number;
    const xip = (address - XIP_BASE) >>> 0;
    if (xip < bus.xipBytes) return bus.flash8[xip] as number;
    return bus.load8(address >>> 0);
  }

  protected store32(address: number, value: number): void {
    if (address & 3) throw new Fault(`unaligned word store to ${(address >>> 0).toString(16)}`);
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) this.bus.sram32[sram >> 2] = value;
    else this.bus.store32(address >>> 0, value >>> 0);
  }

  protected store16(address: number, value: number): void {
    if (address & 1) throw new Fault(`unaligned halfword store to ${(address >>> 0).toString(16)}`);
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) this.bus.sram16[sram >> 1] = value;
    else this.bus.store16(address >>> 0, value & 0xffff);
  }

  protected store8(address: number, value: number): void {
    const sram = (address - SRAM_BASE) >>> 0;
    if (sram < SRAM_BYTES) this.bus.sram8[sram] = value;
    else this.bus.store8(address >>> 0, value & 0xff);
  }

  /**
   * Extra cycles of a data access. SIO sits on the single-cycle IO port (datasheet 2.3.1), AHB
   * takes one more, and the APB bridge adds two for a read and three for a write (2.1.3).
   */
  private wait(address: number, apb: number): number {
    const region = address >>> 28;
    if (region === 0xd) return 0;
    return region === 4 ? apb : 1;
  }

  private addWithCarry(a: number, b: number, carry: number): number {
    const result = (a + b + carry) | 0;
    this.c = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
    this.v = ((a ^ result) & (b ^ result)) >>> 31;
    this.n = this.z = result;
    return result;
  }

  private subtract(a: number, b: number): number {
    const result = (a - b) | 0;
    this.c = a >>> 0 >= b >>> 0 ? 1 : 0;
    this.v = ((a ^ b) & (a ^ result)) >>> 31;
    this.n = this.z = result;
    return result;
  }

  /** Shifts by the bottom byte of a register (A2.2.1); zero leaves C alone. */
  private shiftLeft(value: number, amount: number): number {
    if (amount === 0) return value;
    this.c = amount <= 32 ? (value >>> (32 - amount)) & 1 : 0;
    return amount < 32 ? value << amount : 0;
  }

  private shiftRight(value: number, amount: number): number {
    if (amount === 0) return value;
    this.c = amount <= 32 ? (value >>> (amount - 1)) & 1 : 0;
    return amount < 32 ? (value >>> amount) | 0 : 0;
  }

  private shiftArithmetic(value: number, amount: number): number {
    if (amount === 0) return value;
    const within = Math.min(amount, 32);
    this.c = (value >> (within - 1)) & 1;
    return within < 32 ? value >> within : value >> 31;
  }

  private rotateRight(value: number, amount: number): number {
    if (amount === 0) return value;
    const by = amount & 31;
    const result = by === 0 ? value : (value >>> by) | (value << (32 - by));
    this.c = result >>> 31;
    return result;
  }

  /** BX, BLX and POP to PC (A2.3.1): an even target clears EPSR.T, and the next instruction faults. */
  private branchTo(target: number): number {
    this.t = target & 1;
    if (!this.t) {
      this.r[15] = target;
      throw new Fault("branch to an even address: no ARM state in ARMv6-M");
    }
    return target & ~1;
  }

  private pushList(list: number, withLinkRegister: boolean): void {
    const { r } = this;
    const count = (LIST_LENGTH[list] as number) + (withLinkRegister ? 1 : 0);
    const base = (r[13] as number) - 4 * count;
    let address = base;
    for (let register = 0; register < 8; register++) {
      if (list & (1 << register)) {
        this.store32(address, r[register] as number);
        address = (address + 4) | 0;
      }
    }
    if (withLinkRegister) this.store32(address, r[14] as number);
    r[13] = base;
    this.executed += count;
  }

  /** Loads a list from `base`. All or nothing, so that a fault leaves a base in the list alone (B1.5.11). */
  private loadList(list: number, base: number): number {
    const { r, loaded } = this;
    let address = base;
    for (let register = 0; register < 8; register++) {
      if (!(list & (1 << register))) continue;
      loaded[register] = this.load32(address);
      address = (address + 4) | 0;
    }
    for (let register = 0; register < 8; register++) {
      if (list & (1 << register)) r[register] = loaded[register] as number;
    }
    this.executed += LIST_LENGTH[list] as number;
    return address;
  }

  private storeList(list: number, base: number): number {
    const { r } = this;
    let address = base;
    for (let register = 0; register < 8; register++) {
      if (!(list & (1 << register))) continue;
      this.store32(address, r[register] as number);
      address = (address + 4) | 0;
    }
    this.executed += LIST_LENGTH[list] as number;
    return address;
  }

  /** POP (A6.7.50). Returns the address to go on at. */
  private popList(opcode: number, pc: number): number {
    const { r } = this;
    const list = opcode & 0xff;
    const base = r[13] as number;
    if (!(opcode & 0x100)) {
      const end = this.loadList(list, base);
      r[13] = end;
      return pc + 2;
    }
    const target = this.load32(base + 4 * (LIST_LENGTH[list] as number));
    r[13] = this.loadList(list, base) + 4;
    this.executed += 2;
    return this.exchange(target);
  }

  /** BXWritePC (A2.3.1): a branch, or an exception return in handler mode. */
  private exchange(target: number): number {
    if (this.IPSR !== 0 && target >>> 28 === 0xf) {
      this.exceptionReturn(target);
      if (!this.t && !this.lockedUp) throw new Fault("exception return with EPSR.T clear");
      return this.r[15] as number;
    }
    return this.branchTo(target);
  }

  /** 32-bit instructions of ARMv6-M (A5.3.1): BL, MSR, MRS and the barriers. */
  private wide(opcode: number, pc: number): number {
    const { r } = this;
    const second = this.fetchHalf(pc + 2);
    if (opcode >> 11 === 0b11110 && (second & 0xd000) === 0xd000) {
      const sign = (opcode >> 10) & 1;
      const i1 = ((second >> 13) & 1) ^ sign ^ 1;
      const i2 = ((second >> 11) & 1) ^ sign ^ 1;
      const high = (sign << 24) | (i1 << 23) | (i2 << 22);
      const offset = ((high | ((opcode & 0x3ff) << 12) | ((second & 0x7ff) << 1)) << 7) >> 7;
      r[14] = (pc + 4) | 1;
      this.executed += 2;
      return pc + 4 + offset;
    }
    this.executed += 2;
    if ((opcode & 0xfff0) === 0xf3b0 && [0x40, 0x50, 0x60].includes(second & 0xf0) && second >> 8 === 0x8f) {
      return pc + 4;
    }
    if (opcode === 0xf3ef && second >> 12 === 8) {
      r[(second >> 8) & 15] = this.readSpecialRegister(second & 0xff);
      return pc + 4;
    }
    if ((opcode & 0xfff0) === 0xf380 && second >> 8 === 0x88) {
      this.writeSpecialRegister(second & 0xff, (r[opcode & 15] as number) >>> 0);
      return pc + 4;
    }
    throw new Fault(`undefined instruction ${opcode.toString(16)} ${second.toString(16)}`);
  }

  private fetchHalf(pc: number): number {
    const index = (pc - this.codeBase) >>> 1;
    return index < this.codeCount ? (this.code[index] as number) : this.fetchElsewhere(pc);
  }

  private breakpoint(code: number): void {
    if (!this.onBreakpoint) throw new Fault("BKPT without a debugger");
    this.requestStop();
    this.onBreakpoint(code);
  }

  /** The loop. `r[15]` is the address of the instruction until it has completed. */
  private execute(): void {
    const { r } = this;
    let { code, codeBase, codeCount } = this;
    while (this.executed < this.limit) {
      const pc = r[15] as number;
      const index = (pc - codeBase) >>> 1;
      let opcode: number;
      if (index < codeCount) {
        opcode = code[index] as number;
      } else {
        if (!this.t) throw new Fault("EPSR.T is clear: the vector or the stacked xPSR was even");
        opcode = this.fetchElsewhere(pc);
        ({ code, codeBase, codeCount } = this);
      }
      let next = pc + 2;
      this.executed++;
      switch (OPERATIONS[opcode] as Op) {
        case Op.LSL_IMM: {
          const by = (opcode >> 6) & 31;
          const value = r[(opcode >> 3) & 7] as number;
          if (by) this.c = (value >>> (32 - by)) & 1;
          r[opcode & 7] = this.n = this.z = value << by;
          break;
        }
        case Op.LSR_IMM: {
          const by = (opcode >> 6) & 31;
          const value = r[(opcode >> 3) & 7] as number;
          this.c = (value >>> (by ? by - 1 : 31)) & 1;
          r[opcode & 7] = this.n = this.z = by ? (value >>> by) | 0 : 0;
          break;
        }
        case Op.ASR_IMM: {
          const by = (opcode >> 6) & 31;
          const value = r[(opcode >> 3) & 7] as number;
          this.c = (value >> (by ? by - 1 : 31)) & 1;
          r[opcode & 7] = this.n = this.z = value >> (by || 31);
          break;
        }
        case Op.ADD_REG:
          r[opcode & 7] = this.addWithCarry(
            r[(opcode >> 3) & 7] as number,
            r[(opcode >> 6) & 7] as number,
            0,
          );
          break;
        case Op.SUB_REG:
          r[opcode & 7] = this.subtract(r[(opcode >> 3) & 7] as number, r[(opcode >> 6) & 7] as number);
          break;
        case Op.ADD_IMM3:
          r[opcode & 7] = this.addWithCarry(r[(opcode >> 3) & 7] as number, (opcode >> 6) & 7, 0);
          break;
        case Op.SUB_IMM3:
          r[opcode & 7] = this.subtract(r[(opcode >> 3) & 7] as number, (opcode >> 6) & 7);
          break;
        case Op.MOV_IMM:
          r[(opcode >> 8) & 7] = this.n = this.z = opcode & 0xff;
          break;
        case Op.CMP_IMM:
          this.subtract(r[(opcode >> 8) & 7] as number, opcode & 0xff);
          break;
        case Op.ADD_IMM8:
          r[(opcode >> 8) & 7] = this.addWithCarry(r[(opcode >> 8) & 7] as number, opcode & 0xff, 0);
          break;
        case Op.SUB_IMM8:
          r[(opcode >> 8) & 7] = this.subtract(r[(opcode >> 8) & 7] as number, opcode & 0xff);
          break;
        case Op.AND:
          r[opcode & 7] = this.n = this.z = (r[opcode & 7] as number) & (r[(opcode >> 3) & 7] as number);
          break;
        case Op.EOR:
          r[opcode & 7] = this.n = this.z = (r[opcode & 7] as number) ^ (r[(opcode >> 3) & 7] as number);
          break;
        case Op.LSL_REG: {
          const amount = (r[(opcode >> 3) & 7] as number) & 0xff;
          r[opcode & 7] = this.n = this.z = this.shiftLeft(r[opcode & 7] as number, amount);
          break;
        }
        case Op.LSR_REG: {
          const amount = (r[(opcode >> 3) & 7] as number) & 0xff;
          r[opcode & 7] = this.n = this.z = this.shiftRight(r[opcode & 7] as number, amount);
          break;
        }
        case Op.ASR_REG: {
          const amount = (r[(opcode >> 3) & 7] as number) & 0xff;
          r[opcode & 7] = this.n = this.z = this.shiftArithmetic(r[opcode & 7] as number, amount);
          break;
        }
        case Op.ADC:
          r[opcode & 7] = this.addWithCarry(r[opcode & 7] as number, r[(opcode >> 3) & 7] as number, this.c);
          break;
        case Op.SBC:
          r[opcode & 7] = this.addWithCarry(
            r[opcode & 7] as number,
            ~(r[(opcode >> 3) & 7] as number),
            this.c,
          );
          break;
        case Op.ROR: {
          const amount = (r[(opcode >> 3) & 7] as number) & 0xff;
          r[opcode & 7] = this.n = this.z = this.rotateRight(r[opcode & 7] as number, amount);
          break;
        }
        case Op.TST:
          this.n = this.z = (r[opcode & 7] as number) & (r[(opcode >> 3) & 7] as number);
          break;
        case Op.RSB:
          r[opcode & 7] = this.subtract(0, r[(opcode >> 3) & 7] as number);
          break;
        case Op.CMP_REG:
          this.subtract(r[opcode & 7] as number, r[(opcode >> 3) & 7] as number);
          break;
        case Op.CMN:
          this.addWithCarry(r[opcode & 7] as number, r[(opcode >> 3) & 7] as number, 0);
          break;
        case Op.ORR:
          r[opcode & 7] = this.n = this.z = (r[opcode & 7] as number) | (r[(opcode >> 3) & 7] as number);
          break;
        case Op.MUL:
          r[opcode & 7] =
            this.n =
            this.z =
              Math.imul(r[opcode & 7] as number, r[(opcode >> 3) & 7] as number);
          break;
        case Op.BIC:
          r[opcode & 7] = this.n = this.z = (r[opcode & 7] as number) & ~(r[(opcode >> 3) & 7] as number);
          break;
        case Op.MVN:
          r[opcode & 7] = this.n = this.z = ~(r[(opcode >> 3) & 7] as number);
          break;
        case Op.ADD_HIGH: {
          const destination = ((opcode >> 4) & 8) | (opcode & 7);
          const source = (opcode >> 3) & 15;
          const left = destination === 15 ? pc + 4 : (r[destination] as number);
          const sum = left + (source === 15 ? pc + 4 : (r[source] as number));
          if (destination === 15) {
            next = sum & ~1;
            this.executed++;
          } else {
            r[destination] = destination === 13 ? sum & ~3 : sum;
          }
          break;
        }
        case Op.CMP_HIGH: {
          const source = (opcode >> 3) & 15;
          const right = source === 15 ? pc + 4 : (r[source] as number);
          this.subtract(r[((opcode >> 4) & 8) | (opcode & 7)] as number, right);
          break;
        }
        case Op.MOV_HIGH: {
          const destination = ((opcode >> 4) & 8) | (opcode & 7);
          const source = (opcode >> 3) & 15;
          const value = source === 15 ? pc + 4 : (r[source] as number);
          if (destination === 15) {
            next = value & ~1;
            this.executed++;
          } else {
            r[destination] = destination === 13 ? value & ~3 : value;
          }
          break;
        }
        case Op.BX:
          this.executed++;
          next = this.exchange(r[(opcode >> 3) & 15] as number);
          break;
        case Op.BLX: {
          const target = r[(opcode >> 3) & 15] as number;
          r[14] = (pc + 2) | 1;
          this.executed++;
          next = this.branchTo(target);
          break;
        }
        case Op.LDR_LITERAL: {
          const address = ((pc + 4) & ~3) + ((opcode & 0xff) << 2);
          r[(opcode >> 8) & 7] = this.load32(address);
          this.executed++;
          break;
        }
        case Op.STR_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          this.store32(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.STRH_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          this.store16(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.STRB_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          this.store8(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.LDRSB_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          r[opcode & 7] = (this.load8(address) << 24) >> 24;
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.LDR_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          r[opcode & 7] = this.load32(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.LDRH_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          r[opcode & 7] = this.load16(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.LDRB_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          r[opcode & 7] = this.load8(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.LDRSH_REG: {
          const address = ((r[(opcode >> 3) & 7] as number) + (r[(opcode >> 6) & 7] as number)) | 0;
          r[opcode & 7] = (this.load16(address) << 16) >> 16;
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.STR_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 4) & 0x7c)) | 0;
          this.store32(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.LDR_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 4) & 0x7c)) | 0;
          r[opcode & 7] = this.load32(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.STRB_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 6) & 0x1f)) | 0;
          this.store8(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.LDRB_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 6) & 0x1f)) | 0;
          r[opcode & 7] = this.load8(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.STRH_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 5) & 0x3e)) | 0;
          this.store16(address, r[opcode & 7] as number);
          this.executed += this.wait(address, 4);
          break;
        }
        case Op.LDRH_IMM: {
          const address = ((r[(opcode >> 3) & 7] as number) + ((opcode >> 5) & 0x3e)) | 0;
          r[opcode & 7] = this.load16(address);
          this.executed += this.wait(address, 3);
          break;
        }
        case Op.STR_SP: {
          const address = ((r[13] as number) + ((opcode & 0xff) << 2)) | 0;
          this.store32(address, r[(opcode >> 8) & 7] as number);
          this.executed++;
          break;
        }
        case Op.LDR_SP: {
          const address = ((r[13] as number) + ((opcode & 0xff) << 2)) | 0;
          r[(opcode >> 8) & 7] = this.load32(address);
          this.executed++;
          break;
        }
        case Op.ADR:
          r[(opcode >> 8) & 7] = ((pc + 4) & ~3) + ((opcode & 0xff) << 2);
          break;
        case Op.ADD_SP_REG:
          r[(opcode >> 8) & 7] = (r[13] as number) + ((opcode & 0xff) << 2);
          break;
        case Op.ADD_SP:
          r[13] = (r[13] as number) + ((opcode & 0x7f) << 2);
          break;
        case Op.SUB_SP:
          r[13] = (r[13] as number) - ((opcode & 0x7f) << 2);
          break;
        case Op.SXTH:
          r[opcode & 7] = ((r[(opcode >> 3) & 7] as number) << 16) >> 16;
          break;
        case Op.SXTB:
          r[opcode & 7] = ((r[(opcode >> 3) & 7] as number) << 24) >> 24;
          break;
        case Op.UXTH:
          r[opcode & 7] = (r[(opcode >> 3) & 7] as number) & 0xffff;
          break;
        case Op.UXTB:
          r[opcode & 7] = (r[(opcode >> 3) & 7] as number) & 0xff;
          break;
        case Op.PUSH:
          this.pushList(opcode & 0xff, (opcode & 0x100) !== 0);
          break;
        case Op.CPS:
          this.PRIMASK = (opcode >> 4) & 1;
          this.attend();
          break;
        case Op.REV: {
          const value = r[(opcode >> 3) & 7] as number;
          r[opcode & 7] =
            (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | ((value >>> 24) & 0xff);
          break;
        }
        case Op.REV16: {
          const value = r[(opcode >> 3) & 7] as number;
          r[opcode & 7] = ((value & 0x00ff_00ff) << 8) | ((value >>> 8) & 0x00ff_00ff);
          break;
        }
        case Op.REVSH: {
          const value = r[(opcode >> 3) & 7] as number;
          r[opcode & 7] = ((value << 24) >> 16) | ((value >>> 8) & 0xff);
          break;
        }
        case Op.POP:
          next = this.popList(opcode, pc);
          break;
        case Op.BKPT:
          this.breakpoint(opcode & 0xff);
          next = pc;
          break;
        case Op.NOP:
          break;
        case Op.WFE:
          this.executed++;
          this.sleep(true);
          break;
        case Op.WFI:
          this.executed++;
          this.sleep(false);
          break;
        case Op.SEV:
          this.signalEvent();
          break;
        case Op.STM: {
          const base = (opcode >> 8) & 7;
          r[base] = this.storeList(opcode & 0xff, r[base] as number);
          break;
        }
        case Op.LDM: {
          const base = (opcode >> 8) & 7;
          const end = this.loadList(opcode & 0xff, r[base] as number);
          if (!(opcode & (1 << base))) r[base] = end;
          break;
        }
        case Op.BEQ:
          if (this.z === 0) next = this.jump(pc, opcode);
          break;
        case Op.BNE:
          if (this.z !== 0) next = this.jump(pc, opcode);
          break;
        case Op.BCS:
          if (this.c) next = this.jump(pc, opcode);
          break;
        case Op.BCC:
          if (!this.c) next = this.jump(pc, opcode);
          break;
        case Op.BMI:
          if (this.n < 0) next = this.jump(pc, opcode);
          break;
        case Op.BPL:
          if (this.n >= 0) next = this.jump(pc, opcode);
          break;
        case Op.BVS:
          if (this.v) next = this.jump(pc, opcode);
          break;
        case Op.BVC:
          if (!this.v) next = this.jump(pc, opcode);
          break;
        case Op.BHI:
          if (this.c && this.z !== 0) next = this.jump(pc, opcode);
          break;
        case Op.BLS:
          if (!this.c || this.z === 0) next = this.jump(pc, opcode);
          break;
        case Op.BGE:
          if (this.n >>> 31 === this.v) next = this.jump(pc, opcode);
          break;
        case Op.BLT:
          if (this.n >>> 31 !== this.v) next = this.jump(pc, opcode);
          break;
        case Op.BGT:
          if (this.z !== 0 && this.n >>> 31 === this.v) next = this.jump(pc, opcode);
          break;
        case Op.BLE:
          if (this.z === 0 || this.n >>> 31 !== this.v) next = this.jump(pc, opcode);
          break;
        case Op.UDF:
          throw new Fault("UDF");
        case Op.SVC:
          this.superviseCall(next);
          next = r[15] as number;
          break;
        case Op.B:
          this.executed++;
          next = pc + 4 + ((opcode << 21) >> 20);
          break;
        case Op.WIDE:
          next = this.wide(opcode, pc);
          ({ code, codeBase, codeCount } = this);
          break;
        default:
          throw new Fault(`undefined instruction ${opcode.toString(16)}`);
      }
      r[15] = next;
    }
  }

  private jump(pc: number, opcode: number): number {
    this.executed++;
    return pc + 4 + ((opcode << 24) >> 23);
  }
}
