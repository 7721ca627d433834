/**
 * Winbond W25Q16JV serial flash, byte by byte on its SPI pins (W25Q16JV datasheet, section 8), or one of its
 * larger relatives, which take the same commands.
 *
 * Status registers and the continuous-read mode live here, contents in flash-array.ts; both outlast every
 * reset of the RP2040. Not modelled: suspending, quad page program, security registers, block protection.
 */
import type { Alarm, Clock } from "../clocks/clock.ts";
import type { Random } from "../random.ts";
import type { StrictLog } from "../strict-log.ts";
import { FlashArray, PAGE_BYTES } from "./flash-array.ts";
import { FlashCommand } from "./flash-commands.ts";

export const STATUS_BUSY = 1 << 0;
const STATUS_WEL = 1 << 1;
/** Quad enable, in status register 2. */
const STATUS2_QE = 1 << 1;

/** tW, non-volatile write of a status register: 10 ms typical, 15 ms at most (section 9.6). */
const WRITE_STATUS_NANOS = 10_000_000;
/** tPUW: for this long after power-on the flash ignores writes (section 9.4). */
const POWER_UP_NANOS = 5_000_000;
/** tRST: for this long after a reset by command the flash ignores everything (section 9.6). */
const RESET_NANOS = 30_000;
const MANUFACTURER = 0xef;
const MEMORY_TYPE = 0x40;

/** Commands that the flash answers while an operation is in progress. */
const STATUS_READS: readonly number[] = [
  FlashCommand.READ_STATUS_1,
  FlashCommand.READ_STATUS_2,
  FlashCommand.READ_STATUS_3,
];
/** Reset by command ends an operation, and so is taken during one (section 8.2.33). */
const RESETS: readonly number[] = [FlashCommand.ENABLE_RESET, FlashCommand.RESET_DEVICE];
/** Erases without an address (section 8.2.21). */
const WHOLE_CHIP_ERASES: readonly number[] = [FlashCommand.CHIP_ERASE, FlashCommand.CHIP_ERASE_60H];

export class Flash {
  readonly array: FlashArray;
  /** Called when something changed that execute-in-place depends on. */
  onModeChange: () => void = () => {};
  /** Set after EBh with mode bits Axh: the next access starts with the address (section 8.2.14). */
  continuousRead = false;
  /** A broken flash, which ignores resets by command. */
  ignoresReset = false;

  private readonly clock: Clock;
  private readonly log: StrictLog;
  private readonly uniqueId: readonly number[];
  /** The end of the operation in progress, and its effect. */
  private readonly end: Alarm;
  private ended: () => void = () => {};
  private began = 0;
  private duration = 0;
  private resetting = false;
  private poweredNanos = 0;
  private status1 = 0;
  /** Non-volatile and working copies of register 2: 50h changes the working copy only. */
  private status2 = 0;
  private storedStatus2 = 0;
  private status3 = 0;
  private volatileWrite = false;
  private selected = false;
  private resetEnabled = false;
  private readonly input: number[] = [];
  private address = 0;

  /** `random` decides the unique id, durations, and the contents that power cuts leave. */
  constructor(bytes: Uint8Array, clock: Clock, log: StrictLog, random: (stream: string) => Random) {
    this.array = new FlashArray(bytes, random("flash cells"));
    this.clock = clock;
    this.log = log;
    const id = random("flash unique id");
    this.uniqueId = Array.from({ length: 8 }, () => id.below(256));
    this.end = clock.createAlarm(() => {
      this.status1 &= ~(STATUS_BUSY | STATUS_WEL);
      this.resetting = false;
      this.ended();
      this.onModeChange();
    });
  }

  get bytes(): Uint8Array {
    return this.array.bytes;
  }

  get busy(): boolean {
    return (this.status1 & STATUS_BUSY) !== 0;
  }

  get quadEnabled(): boolean {
    return (this.status2 & STATUS2_QE) !== 0;
  }

  /** Supply off and on: volatile state is lost, and an operation in progress stays half done. */
  powerCycle(): void {
    this.poweredNanos = this.clock.nanos;
    this.resetState();
    this.onModeChange();
  }

  /** Back to the state after power-on; an operation in progress is cut short, and a status write is lost. */
  private resetState(): void {
    if (this.end.scheduled && !this.resetting) {
      this.array.cut((this.clock.nanos - this.began) / this.duration);
    }
    this.end.cancel();
    this.status1 = 0;
    this.status2 = this.storedStatus2;
    this.status3 = 0;
    this.continuousRead = this.selected = this.volatileWrite = this.resetEnabled = this.resetting = false;
  }

  /** Busy for `nanos`; then calls `ended`. */
  private operate(nanos: number, ended: () => void): void {
    this.status1 |= STATUS_BUSY;
    this.began = this.clock.nanos;
    this.duration = nanos;
    this.ended = ended;
    this.end.schedule(nanos);
  }

  select(): void {
    this.selected = true;
    this.input.length = 0;
  }

  /** Chip select rises: a command takes effect. */
  deselect(): void {
    if (!this.selected) return;
    this.selected = false;
    if (this.input.length === 0) return;
    if (this.continuousRead) {
      // Mode bit reset (section 8.2.34): ones on every line end the continuous read mode.
      if (this.input.every((byte) => byte === 0xff)) this.leaveContinuousRead();
      else this.log.warn("FLASH", "serial command while in continuous read mode is taken for an address");
      return;
    }
    this.command(this.input[0] as number, this.input.slice(1));
    this.onModeChange();
  }

  leaveContinuousRead(): void {
    this.continuousRead = false;
    this.onModeChange();
  }

  /** One byte each way over single-lane SPI. */
  exchange(byte: number): number {
    this.input.push(byte);
    if (!this.selected || this.continuousRead) return 0xff;
    const command = this.input[0] as number;
    const index = this.input.length - 1;
    if (index === 0) return 0xff;
    if (this.resetting || (this.busy && !STATUS_READS.includes(command))) return 0xff;
    return this.answer(command, index, byte);
  }

  /** Output while the byte at `index` (0 is the command) goes in. */
  private answer(command: number, index: number, byte: number): number {
    switch (command) {
      case FlashCommand.READ_STATUS_1:
        return this.status1;
      case FlashCommand.READ_STATUS_2:
        return this.status2;
      case FlashCommand.READ_STATUS_3:
        return this.status3;
      case FlashCommand.JEDEC_ID:
        return [MANUFACTURER, MEMORY_TYPE, this.deviceId + 1][(index - 1) % 3] as number;
      case FlashCommand.RELEASE_POWER_DOWN:
        return index >= 4 ? this.deviceId : 0xff;
      case FlashCommand.MANUFACTURER_ID:
        return index >= 4 ? (index & 1 ? this.deviceId : MANUFACTURER) : 0xff;
      case FlashCommand.READ_UNIQUE_ID:
        return index >= 5 ? (this.uniqueId[(index - 5) % 8] as number) : 0xff;
      case FlashCommand.READ_DATA:
        return this.readArray(index, byte, 4);
      case FlashCommand.FAST_READ:
        return this.readArray(index, byte, 5);
      default:
        return 0xff;
    }
  }

  /** 14h for 2 MB, one more for each doubling; the JEDEC id's last byte, of 2^n bytes, is one higher. */
  private get deviceId(): number {
    return 30 - Math.clz32(this.bytes.length);
  }

  private readArray(index: number, byte: number, dataIndex: number): number {
    if (index === 1) this.address = 0;
    if (index <= 3) this.address = (this.address << 8) | byte;
    if (index < dataIndex) return 0xff;
    const value = this.bytes[this.address % this.bytes.length] as number;
    this.address++;
    return value;
  }

  /** EBh, fast read quad I/O, in one go: `modeBits` decide if the next access needs a command. */
  fastReadQuadIo(modeBits: number): void {
    if (!this.quadEnabled || this.busy) {
      this.log.warn("FLASH", `EBh ${this.busy ? "while busy" : "without QE"} is not understood`);
      return;
    }
    this.continuousRead = (modeBits & 0x30) === 0x20;
    this.onModeChange();
  }

  /** A complete command, at the rising edge of chip select. */
  private command(command: number, data: readonly number[]): void {
    if (this.resetting || (this.busy && !RESETS.includes(command))) {
      if (this.resetting || !STATUS_READS.includes(command)) {
        this.log.warn("FLASH", `command ${command.toString(16)}h while busy is ignored`);
      }
      return;
    }
    const resetEnabled = this.resetEnabled;
    this.resetEnabled = command === FlashCommand.ENABLE_RESET;
    switch (command) {
      case FlashCommand.WRITE_ENABLE:
        if (this.isPoweredLongEnough()) this.status1 |= STATUS_WEL;
        return;
      case FlashCommand.WRITE_DISABLE:
        this.status1 &= ~STATUS_WEL;
        return;
      case FlashCommand.VOLATILE_WRITE_ENABLE:
        this.volatileWrite = this.isPoweredLongEnough();
        return;
      case FlashCommand.WRITE_STATUS_1:
        this.writeStatus(data[0], data[1]);
        return;
      case FlashCommand.WRITE_STATUS_2:
        this.writeStatus(undefined, data[0]);
        return;
      case FlashCommand.RESET_DEVICE:
        if (resetEnabled && !this.ignoresReset) this.resetByCommand();
        return;
      case FlashCommand.PAGE_PROGRAM:
        this.program(data);
        return;
      case FlashCommand.SECTOR_ERASE:
      case FlashCommand.BLOCK_ERASE_32K:
      case FlashCommand.BLOCK_ERASE_64K:
      case FlashCommand.CHIP_ERASE:
      case FlashCommand.CHIP_ERASE_60H:
        this.erase(command, data);
        return;
      case FlashCommand.READ_DATA:
      case FlashCommand.READ_STATUS_1:
      case FlashCommand.FAST_READ:
      case FlashCommand.READ_STATUS_3:
      case FlashCommand.READ_STATUS_2:
      case FlashCommand.READ_UNIQUE_ID:
      case FlashCommand.ENABLE_RESET:
      case FlashCommand.MANUFACTURER_ID:
      case FlashCommand.JEDEC_ID:
      case FlashCommand.RELEASE_POWER_DOWN:
      case FlashCommand.MODE_BIT_RESET:
        return;
      default:
        this.log.warn("FLASH", `unknown command ${command.toString(16)}h`);
    }
  }

  private isPoweredLongEnough(): boolean {
    const enough = this.clock.nanos - this.poweredNanos >= POWER_UP_NANOS;
    if (!enough) this.log.warn("FLASH", "write enable within 5 ms of power-on is ignored");
    return enough;
  }

  private isWriteEnabled(what: string): boolean {
    if (this.status1 & STATUS_WEL) return true;
    this.log.warn("FLASH", `${what} without write enable is ignored`);
    return false;
  }

  private resetByCommand(): void {
    if (this.busy)
      this.log.warn("FLASH", "reset by command in the middle of an operation leaves it half done");
    this.resetState();
    this.resetting = true;
    this.operate(RESET_NANOS, () => {});
  }

  /** 02h (section 8.2.17): address and at least one byte; data beyond the page continues at its start. */
  private program(data: readonly number[]): void {
    if (!this.isWriteEnabled("page program")) return;
    if (data.length < 4) {
      this.log.warn("FLASH", "page program without data is ignored");
      return;
    }
    const address = addressIn(data);
    if ((address & (PAGE_BYTES - 1)) + data.length - 3 > PAGE_BYTES) {
      this.log.warn("FLASH", `page program at 0x${address.toString(16)} wraps within its page`);
    }
    this.operate(this.array.program(address, data.slice(3)), () => this.array.finish());
  }

  /** 20h, 52h, D8h with an address (sections 8.2.18 to 20), C7h and 60h alone (8.2.21). */
  private erase(command: number, data: readonly number[]): void {
    const code = `${command.toString(16)}h`;
    if (!this.isWriteEnabled(`erase ${code}`)) return;
    if (data.length !== (WHOLE_CHIP_ERASES.includes(command) ? 0 : 3)) {
      this.log.warn("FLASH", `erase ${code} with ${data.length} bytes behind it is ignored`);
      return;
    }
    this.operate(this.array.erase(command, addressIn(data)), () => this.array.finish());
  }

  /** 01h and 31h (section 8.2.5), without the bits of block protection. */
  private writeStatus(first: number | undefined, second: number | undefined): void {
    const next = second === undefined ? this.status2 : second & 0x7b;
    if (this.volatileWrite) {
      this.volatileWrite = false;
      this.status2 = next;
      return;
    }
    if (!this.isWriteEnabled("status register write")) return;
    if (first !== undefined && first & 0xfc) this.log.warn("FLASH", "block protection is not modelled");
    this.operate(WRITE_STATUS_NANOS, () => {
      this.status2 = this.storedStatus2 = next;
    });
  }
}

/** The 24-bit address in front of everything, its highest byte first. */
function addressIn([high = 0, middle = 0, low = 0]: readonly number[]): number {
  return (high << 16) | (middle << 8) | low;
}
