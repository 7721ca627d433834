/**
 * Winbond W25Q16JV serial flash, byte by byte on its SPI pins (W25Q16JV datasheet, section 8).
 *
 * Contents, status registers and the continuous-read mode live here and outlast every reset of
 * the chip. Reading is complete; programming and erasing belong to a later issue, and `command`
 * is where they go.
 */
import type { Alarm, Clock } from "./clock.ts";
import type { StrictLog } from "./strict-log.ts";

export const STATUS_BUSY = 1 << 0;
export const STATUS_WEL = 1 << 1;
/** Quad enable, in status register 2. */
const STATUS2_QE = 1 << 1;

/** tW, non-volatile write of a status register: 10 ms typical, 15 ms at most (section 9.6). */
const WRITE_STATUS_NANOS = 10_000_000;
/** Manufacturer Winbond, memory type 0x40, 2^21 bytes. */
const JEDEC_ID = [0xef, 0x40, 0x15];
const DEVICE_ID = 0x14;

export class Flash {
  readonly bytes: Uint8Array;
  /** Something changed that decides whether execute-in-place works. */
  onModeChange: () => void = () => {};
  /** Set after EBh with mode bits Axh: the next access starts with the address (section 8.2.14). */
  continuousRead = false;

  private readonly log: StrictLog;
  private readonly uniqueId: readonly number[];
  private readonly written: Alarm;
  private status1 = 0;
  /** Non-volatile and working copies of register 2: 50h changes the working copy only. */
  private status2 = 0;
  private storedStatus2 = 0;
  private status3 = 0;
  private volatileWrite = false;
  private pendingStatus2 = 0;
  private selected = false;
  private resetEnabled = false;
  private readonly input: number[] = [];
  private address = 0;

  constructor(bytes: Uint8Array, clock: Clock, log: StrictLog, uniqueId: readonly number[]) {
    this.bytes = bytes;
    this.log = log;
    this.uniqueId = uniqueId;
    this.written = clock.createAlarm(() => {
      this.status1 &= ~(STATUS_BUSY | STATUS_WEL);
      this.status2 = this.storedStatus2 = this.pendingStatus2;
      this.onModeChange();
    });
  }

  get busy(): boolean {
    return (this.status1 & STATUS_BUSY) !== 0;
  }

  get quadEnabled(): boolean {
    return (this.status2 & STATUS2_QE) !== 0;
  }

  /** Supply off and on: volatile state goes, a status write under way is lost. */
  powerCycle(): void {
    this.written.cancel();
    this.status1 = 0;
    this.status2 = this.storedStatus2;
    this.status3 = 0;
    this.continuousRead = this.selected = this.volatileWrite = this.resetEnabled = false;
    this.onModeChange();
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
    if (this.busy && command !== 0x05 && command !== 0x35 && command !== 0x15) return 0xff;
    return this.answer(command, index, byte);
  }

  /** Output while the byte at `index` (0 is the command) goes in. */
  private answer(command: number, index: number, byte: number): number {
    switch (command) {
      case 0x05:
        return this.status1;
      case 0x35:
        return this.status2;
      case 0x15:
        return this.status3;
      case 0x9f:
        return JEDEC_ID[(index - 1) % 3] as number;
      case 0xab:
        return index >= 4 ? DEVICE_ID : 0xff;
      case 0x90:
        return index >= 4 ? ([0xef, DEVICE_ID][index & 1 ? 1 : 0] as number) : 0xff;
      case 0x4b:
        return index >= 5 ? (this.uniqueId[(index - 5) % 8] as number) : 0xff;
      case 0x03:
        return this.readArray(index, byte, 4);
      case 0x0b:
        return this.readArray(index, byte, 5);
      default:
        return 0xff;
    }
  }

  private readArray(index: number, byte: number, dataIndex: number): number {
    if (index === 1) this.address = 0;
    if (index <= 3) this.address = (this.address << 8) | byte;
    if (index < dataIndex) return 0xff;
    const value = this.bytes[this.address % this.bytes.length] as number;
    this.address++;
    return value;
  }

  /** EBh, fast read quad I/O, in one go: `modeBits` decide whether the next access needs a command. */
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
    if (this.busy) {
      if (![0x05, 0x35, 0x15].includes(command)) {
        this.log.warn("FLASH", `command ${command.toString(16)}h while busy is ignored`);
      }
      return;
    }
    const resetEnabled = this.resetEnabled;
    this.resetEnabled = command === 0x66;
    switch (command) {
      case 0x06:
        this.status1 |= STATUS_WEL;
        return;
      case 0x04:
        this.status1 &= ~STATUS_WEL;
        return;
      case 0x50:
        this.volatileWrite = true;
        return;
      case 0x01:
        this.writeStatus(data[0], data[1]);
        return;
      case 0x31:
        this.writeStatus(undefined, data[0]);
        return;
      case 0x99:
        if (resetEnabled) this.powerCycle();
        return;
      case 0x02:
      case 0x20:
      case 0x52:
      case 0xd8:
      case 0xc7:
      case 0x60:
        this.log.warn("FLASH", `program and erase are not modelled yet: ${command.toString(16)}h ignored`);
        return;
      case 0x03:
      case 0x05:
      case 0x0b:
      case 0x15:
      case 0x35:
      case 0x4b:
      case 0x66:
      case 0x90:
      case 0x9f:
      case 0xab:
      case 0xff:
        return;
      default:
        this.log.warn("FLASH", `unknown command ${command.toString(16)}h`);
    }
  }

  /** 01h and 31h (section 8.2.5). Block protection bits are kept out: nothing here writes the array. */
  private writeStatus(first: number | undefined, second: number | undefined): void {
    const next = second === undefined ? this.status2 : second & 0x7b;
    if (this.volatileWrite) {
      this.volatileWrite = false;
      this.status2 = next;
      return;
    }
    if (!(this.status1 & STATUS_WEL)) {
      this.log.warn("FLASH", "status register write without write enable is ignored");
      return;
    }
    if (first !== undefined && first & 0xfc) this.log.warn("FLASH", "block protection is not modelled");
    this.pendingStatus2 = next;
    this.status1 |= STATUS_BUSY;
    this.written.schedule(WRITE_STATUS_NANOS);
  }
}
