/**
 * Registers of the I2C blocks by datasheet name and in offset order (datasheet 4.3.17), with what is
 * the same for many of them: reset values, writable bits, locks, and what reading clears.
 */
export const IC_CON = 0x00;
export const IC_CON_MASTER_MODE = 1 << 0;
export const IC_CON_SPEED = 3 << 1;
export const IC_CON_10BITADDR_SLAVE = 1 << 3;
export const IC_CON_10BITADDR_MASTER = 1 << 4;
export const IC_CON_RESTART_EN = 1 << 5;
export const IC_CON_SLAVE_DISABLE = 1 << 6;
export const IC_CON_STOP_DET_IFADDRESSED = 1 << 7;
export const IC_CON_TX_EMPTY_CTRL = 1 << 8;
export const IC_CON_RX_FIFO_FULL_HLD_CTRL = 1 << 9;
export const IC_TAR = 0x04;
export const IC_TAR_SPECIAL = 1 << 11;
export const IC_SAR = 0x08;
export const IC_DATA_CMD = 0x10;
export const IC_DATA_CMD_CMD = 1 << 8;
export const IC_DATA_CMD_STOP = 1 << 9;
export const IC_DATA_CMD_RESTART = 1 << 10;
export const IC_DATA_CMD_FIRST_DATA_BYTE = 1 << 11;
export const IC_SS_SCL_HCNT = 0x14;
export const IC_SS_SCL_LCNT = 0x18;
export const IC_FS_SCL_HCNT = 0x1c;
export const IC_FS_SCL_LCNT = 0x20;
export const IC_INTR_STAT = 0x2c;
export const IC_INTR_MASK = 0x30;
export const IC_RAW_INTR_STAT = 0x34;
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
export const IC_RX_TL = 0x38;
export const IC_TX_TL = 0x3c;
const IC_CLR_INTR = 0x40;
export const IC_CLR_TX_ABRT = 0x54;
export const IC_ENABLE = 0x6c;
export const IC_ENABLE_ENABLE = 1 << 0;
export const IC_ENABLE_ABORT = 1 << 1;
export const IC_STATUS = 0x70;
export const IC_STATUS_ACTIVITY = 1 << 0;
export const IC_STATUS_TFNF = 1 << 1;
export const IC_STATUS_TFE = 1 << 2;
export const IC_STATUS_RFNE = 1 << 3;
export const IC_STATUS_RFF = 1 << 4;
export const IC_STATUS_MST_ACTIVITY = 1 << 5;
export const IC_STATUS_SLV_ACTIVITY = 1 << 6;
export const IC_TXFLR = 0x74;
export const IC_RXFLR = 0x78;
export const IC_SDA_HOLD = 0x7c;
export const IC_TX_ABRT_SOURCE = 0x80;
export const ABRT_7B_ADDR_NOACK = 1 << 0;
export const ABRT_TXDATA_NOACK = 1 << 3;
export const ARB_LOST = 1 << 12;
export const ABRT_SLVFLUSH_TXFIFO = 1 << 13;
export const ABRT_SLV_ARBLOST = 1 << 14;
export const ABRT_SLVRD_INTX = 1 << 15;
export const ABRT_USER_ABRT = 1 << 16;
export const TX_FLUSH_CNT_SHIFT = 23;
export const TX_FLUSH_CNT = 0x1ff;
export const IC_SLV_DATA_NACK_ONLY = 0x84;
export const IC_DMA_CR = 0x88;
const IC_DMA_TDLR = 0x8c;
const IC_DMA_RDLR = 0x90;
export const IC_SDA_SETUP = 0x94;
export const IC_ACK_GENERAL_CALL = 0x98;
export const IC_ENABLE_STATUS = 0x9c;
export const SLV_DISABLED_WHILE_BUSY = 1 << 1;
export const SLV_RX_DATA_LOST = 1 << 2;
export const IC_FS_SPKLEN = 0xa0;
export const IC_COMP_PARAM_1 = 0xf4;
export const IC_COMP_VERSION = 0xf8;
export const IC_COMP_TYPE = 0xfc;

export const FIFO_DEPTH = 16;

/** Which bits of IC_RAW_INTR_STAT reading a clear register clears. */
export const CLEARS = new Map([
  [IC_CLR_INTR, INTR_ALL],
  [0x44, INTR_RX_UNDER],
  [0x48, INTR_RX_OVER],
  [0x4c, INTR_TX_OVER],
  [0x50, INTR_RD_REQ],
  [IC_CLR_TX_ABRT, INTR_TX_ABRT],
  [0x58, INTR_RX_DONE],
  [0x5c, INTR_ACTIVITY],
  [0x60, INTR_STOP_DET],
  [0x64, INTR_START_DET],
  [0x68, INTR_GEN_CALL],
  [0xa8, INTR_RESTART_DET],
]);

export const READ_ONLY = new Set([
  IC_INTR_STAT,
  IC_RAW_INTR_STAT,
  ...CLEARS.keys(),
  IC_STATUS,
  IC_TXFLR,
  IC_RXFLR,
  IC_TX_ABRT_SOURCE,
  IC_ENABLE_STATUS,
  IC_COMP_PARAM_1,
  IC_COMP_VERSION,
  IC_COMP_TYPE,
]);

/** Registers that keep what is written: value after reset, writable bits, and what hardware makes of them. */
export interface Stored {
  readonly reset: number;
  readonly mask: number;
  readonly least?: number;
  readonly most?: number;
  /** Writes take effect only while IC_ENABLE is 0. */
  readonly locked?: boolean;
}

export const STORED = new Map<number, Stored>([
  [IC_CON, { reset: 0x65, mask: 0x3ff, locked: true }],
  [IC_TAR, { reset: 0x55, mask: 0xfff, locked: true }],
  [IC_SAR, { reset: 0x55, mask: 0x3ff, locked: true }],
  [IC_SS_SCL_HCNT, { reset: 0x28, mask: 0xffff, least: 6, locked: true }],
  [IC_SS_SCL_LCNT, { reset: 0x2f, mask: 0xffff, least: 8, locked: true }],
  [IC_FS_SCL_HCNT, { reset: 0x06, mask: 0xffff, least: 6, locked: true }],
  [IC_FS_SCL_LCNT, { reset: 0x0d, mask: 0xffff, least: 8, locked: true }],
  [IC_INTR_MASK, { reset: 0x8ff, mask: INTR_ALL }],
  [IC_RX_TL, { reset: 0, mask: 0xff, most: FIFO_DEPTH }],
  [IC_TX_TL, { reset: 0, mask: 0xff, most: FIFO_DEPTH }],
  [IC_SDA_HOLD, { reset: 1, mask: 0xffffff, locked: true }],
  [IC_SLV_DATA_NACK_ONLY, { reset: 0, mask: 1, locked: true }],
  [IC_DMA_CR, { reset: 0, mask: 3 }],
  [IC_DMA_TDLR, { reset: 0, mask: 0xf }],
  [IC_DMA_RDLR, { reset: 0, mask: 0xf }],
  [IC_SDA_SETUP, { reset: 0x64, mask: 0xff, locked: true }],
  [IC_ACK_GENERAL_CALL, { reset: 1, mask: 1 }],
  [IC_FS_SPKLEN, { reset: 7, mask: 0xff, least: 1, locked: true }],
]);
