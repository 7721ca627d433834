/**
 * Registers of I2C0 and I2C1 by datasheet name and in offset order (datasheet 4.3.17), with the properties
 * that many of them share: reset values, writable bits, locks, and the interrupts that reading clears.
 */
/** Offsets (datasheet 4.3.17). */
export enum I2C {
  IC_CON = 0x00,
  IC_TAR = 0x04,
  IC_SAR = 0x08,
  IC_DATA_CMD = 0x10,
  IC_SS_SCL_HCNT = 0x14,
  IC_SS_SCL_LCNT = 0x18,
  IC_FS_SCL_HCNT = 0x1c,
  IC_FS_SCL_LCNT = 0x20,
  IC_INTR_STAT = 0x2c,
  IC_INTR_MASK = 0x30,
  IC_RAW_INTR_STAT = 0x34,
  IC_RX_TL = 0x38,
  IC_TX_TL = 0x3c,
  IC_CLR_INTR = 0x40,
  IC_CLR_RX_UNDER = 0x44,
  IC_CLR_RX_OVER = 0x48,
  IC_CLR_TX_OVER = 0x4c,
  IC_CLR_RD_REQ = 0x50,
  IC_CLR_TX_ABRT = 0x54,
  IC_CLR_RX_DONE = 0x58,
  IC_CLR_ACTIVITY = 0x5c,
  IC_CLR_STOP_DET = 0x60,
  IC_CLR_START_DET = 0x64,
  IC_CLR_GEN_CALL = 0x68,
  IC_ENABLE = 0x6c,
  IC_STATUS = 0x70,
  IC_TXFLR = 0x74,
  IC_RXFLR = 0x78,
  IC_SDA_HOLD = 0x7c,
  IC_TX_ABRT_SOURCE = 0x80,
  IC_SLV_DATA_NACK_ONLY = 0x84,
  IC_DMA_CR = 0x88,
  IC_DMA_TDLR = 0x8c,
  IC_DMA_RDLR = 0x90,
  IC_SDA_SETUP = 0x94,
  IC_ACK_GENERAL_CALL = 0x98,
  IC_ENABLE_STATUS = 0x9c,
  IC_FS_SPKLEN = 0xa0,
  IC_CLR_RESTART_DET = 0xa8,
  IC_COMP_PARAM_1 = 0xf4,
  IC_COMP_VERSION = 0xf8,
  IC_COMP_TYPE = 0xfc,
}

export const IC_CON_MASTER_MODE = 1 << 0;
export const IC_CON_SPEED_SHIFT = 1;
export const IC_CON_SPEED = 3 << IC_CON_SPEED_SHIFT;
export const IC_CON_10BITADDR_SLAVE = 1 << 3;
export const IC_CON_10BITADDR_MASTER = 1 << 4;
export const IC_CON_RESTART_EN = 1 << 5;
export const IC_CON_SLAVE_DISABLE = 1 << 6;
export const IC_CON_STOP_DET_IFADDRESSED = 1 << 7;
export const IC_CON_TX_EMPTY_CTRL = 1 << 8;
export const IC_CON_RX_FIFO_FULL_HLD_CTRL = 1 << 9;
export const IC_TAR_SPECIAL = 1 << 11;
export const IC_DATA_CMD_CMD = 1 << 8;
export const IC_DATA_CMD_STOP = 1 << 9;
export const IC_DATA_CMD_RESTART = 1 << 10;
export const IC_DATA_CMD_FIRST_DATA_BYTE = 1 << 11;
export const INTR_RX_UNDER = 1 << 0;
export const INTR_RX_OVER = 1 << 1;
export const INTR_RX_FULL = 1 << 2;
export const INTR_TX_OVER = 1 << 3;
export const INTR_TX_EMPTY = 1 << 4;
export const INTR_RD_REQ = 1 << 5;
export const INTR_TX_ABRT = 1 << 6;
export const INTR_RX_DONE = 1 << 7;
export const INTR_ACTIVITY = 1 << 8;
export const INTR_STOP_DET = 1 << 9;
export const INTR_START_DET = 1 << 10;
export const INTR_GEN_CALL = 1 << 11;
export const INTR_RESTART_DET = 1 << 12;
const INTR_ALL = 0x1fff;
export const IC_ENABLE_ENABLE = 1 << 0;
export const IC_ENABLE_ABORT = 1 << 1;
export const IC_STATUS_ACTIVITY = 1 << 0;
export const IC_STATUS_TFNF = 1 << 1;
export const IC_STATUS_TFE = 1 << 2;
export const IC_STATUS_RFNE = 1 << 3;
export const IC_STATUS_RFF = 1 << 4;
export const IC_STATUS_MST_ACTIVITY = 1 << 5;
export const IC_STATUS_SLV_ACTIVITY = 1 << 6;
export const ABRT_7B_ADDR_NOACK = 1 << 0;
export const ABRT_TXDATA_NOACK = 1 << 3;
export const ARB_LOST = 1 << 12;
export const ABRT_SLVFLUSH_TXFIFO = 1 << 13;
export const ABRT_SLV_ARBLOST = 1 << 14;
export const ABRT_SLVRD_INTX = 1 << 15;
export const ABRT_USER_ABRT = 1 << 16;
export const TX_FLUSH_CNT_SHIFT = 23;
export const TX_FLUSH_CNT = 0x1ff;
export const SLV_DISABLED_WHILE_BUSY = 1 << 1;
export const SLV_RX_DATA_LOST = 1 << 2;

export const FIFO_DEPTH = 16;

/** The bits of IC_RAW_INTR_STAT that reading a clear register clears. */
export const CLEARS = new Map([
  [I2C.IC_CLR_INTR, INTR_ALL],
  [I2C.IC_CLR_RX_UNDER, INTR_RX_UNDER],
  [I2C.IC_CLR_RX_OVER, INTR_RX_OVER],
  [I2C.IC_CLR_TX_OVER, INTR_TX_OVER],
  [I2C.IC_CLR_RD_REQ, INTR_RD_REQ],
  [I2C.IC_CLR_TX_ABRT, INTR_TX_ABRT],
  [I2C.IC_CLR_RX_DONE, INTR_RX_DONE],
  [I2C.IC_CLR_ACTIVITY, INTR_ACTIVITY],
  [I2C.IC_CLR_STOP_DET, INTR_STOP_DET],
  [I2C.IC_CLR_START_DET, INTR_START_DET],
  [I2C.IC_CLR_GEN_CALL, INTR_GEN_CALL],
  [I2C.IC_CLR_RESTART_DET, INTR_RESTART_DET],
]);

export const READ_ONLY = new Set([
  I2C.IC_INTR_STAT,
  I2C.IC_RAW_INTR_STAT,
  ...CLEARS.keys(),
  I2C.IC_STATUS,
  I2C.IC_TXFLR,
  I2C.IC_RXFLR,
  I2C.IC_TX_ABRT_SOURCE,
  I2C.IC_ENABLE_STATUS,
  I2C.IC_COMP_PARAM_1,
  I2C.IC_COMP_VERSION,
  I2C.IC_COMP_TYPE,
]);

/** Registers that keep the value written: value after reset, writable bits, limits and locks. */
export interface Stored {
  readonly reset: number;
  readonly mask: number;
  readonly least?: number;
  readonly most?: number;
  /** Writes take effect only while IC_ENABLE is 0. */
  readonly locked?: boolean;
}

export const STORED = new Map<number, Stored>([
  [I2C.IC_CON, { reset: 0x65, mask: 0x3ff, locked: true }],
  [I2C.IC_TAR, { reset: 0x55, mask: 0xfff, locked: true }],
  [I2C.IC_SAR, { reset: 0x55, mask: 0x3ff, locked: true }],
  [I2C.IC_SS_SCL_HCNT, { reset: 0x28, mask: 0xffff, least: 6, locked: true }],
  [I2C.IC_SS_SCL_LCNT, { reset: 0x2f, mask: 0xffff, least: 8, locked: true }],
  [I2C.IC_FS_SCL_HCNT, { reset: 0x06, mask: 0xffff, least: 6, locked: true }],
  [I2C.IC_FS_SCL_LCNT, { reset: 0x0d, mask: 0xffff, least: 8, locked: true }],
  [I2C.IC_INTR_MASK, { reset: 0x8ff, mask: INTR_ALL }],
  [I2C.IC_RX_TL, { reset: 0, mask: 0xff, most: FIFO_DEPTH }],
  [I2C.IC_TX_TL, { reset: 0, mask: 0xff, most: FIFO_DEPTH }],
  [I2C.IC_SDA_HOLD, { reset: 1, mask: 0xffffff, locked: true }],
  [I2C.IC_SLV_DATA_NACK_ONLY, { reset: 0, mask: 1, locked: true }],
  [I2C.IC_DMA_CR, { reset: 0, mask: 3 }],
  [I2C.IC_DMA_TDLR, { reset: 0, mask: 0xf }],
  [I2C.IC_DMA_RDLR, { reset: 0, mask: 0xf }],
  [I2C.IC_SDA_SETUP, { reset: 0x64, mask: 0xff, locked: true }],
  [I2C.IC_ACK_GENERAL_CALL, { reset: 1, mask: 1 }],
  [I2C.IC_FS_SPKLEN, { reset: 7, mask: 0xff, least: 1, locked: true }],
]);
