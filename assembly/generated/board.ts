// Generated from boards/slot-hat.json by `npm run generate`. Do not edit.

/** The board that the logic was built for. */
export const BOARD_NAME: string = "slot-hat";

// Rails in power-up order; they go down in reverse.
/** Number of rails. */
export const RAIL_COUNT: i32 = 2;
/** The name in messages. */
export const RAIL_NAME: StaticArray<string> = ["3V3_AUX", "5V"];
/** The mask of the signal that enables it: EN_3V3_AUX, EN_5V. */
export const RAIL_ENABLE: StaticArray<u32> = [0x4, 0x8];
/** The mask of the signal that reports it: PG_3V3_AUX, PG_5V. */
export const RAIL_POWER_GOOD: StaticArray<u32> = [0x100, 0x200];
/** The rail that feeds the compute board; page 0. */
export const COMPUTE_RAIL: i32 = 1;
/** PMBus page of each rail. */
export const RAIL_PAGE: StaticArray<u8> = [1, 0];
/** Rail of each PMBus page. */
export const PAGE_RAIL: StaticArray<u8> = [1, 0];
/** The voltage it regulates to. */
export const RAIL_NOMINAL_MV: StaticArray<i32> = [3300, 5100];
/** The longest time from enable to power-good. */
export const RAIL_POWER_GOOD_TIMEOUT_MS: StaticArray<u32> = [50, 100];
/** The longest time from disable until power-good is gone. */
export const RAIL_DISCHARGE_TIMEOUT_MS: StaticArray<u32> = [500, 500];

// What this board measures, by Quantity.
/** A bit for each quantity that is measured. */
export const MEASURED: u32 = 0x3f;
/** Name on the console; empty where the board does not measure it. */
export const QUANTITY_NAME: StaticArray<string> = ["VIN", "V5", "V3V3", "I5", "P5", "TEMPERATURE", "", ""];
/** Converter channel; -1 where there is none, as for a computed quantity. */
export const QUANTITY_CHANNEL: StaticArray<i32> = [0, 1, 3, 2, -1, 4, -1, -1];
/** Quantity of each converter channel; -1 for a channel that is not wired to a sensor. */
export const CHANNEL_QUANTITY: StaticArray<i32> = [0, 1, 3, 2, 5];
/** Thousandths of the unit to a sixteenth of a linear code, times 2^24; of the die's diode microvolts. */
export const QUANTITY_FACTOR: StaticArray<i64> = [6699517, 1674879, 1674879, 1674879, 0, 837439690, 0, 0];
/** The rail it is about; -1 for none. */
export const QUANTITY_RAIL: StaticArray<i32> = [-1, 1, 0, 1, 1, -1, -1, -1];
/** The quantity that is each rail's voltage; -1 where no sensor measures it. */
export const RAIL_QUANTITY: StaticArray<i32> = [2, 1];

/** From the last rail's power-good until COMPUTE_RUN is asserted. */
export const RUN_DELAY_MS: u32 = 20;
/** The longest time from SHUTDOWN_REQ to HALTED. */
export const SHUTDOWN_TIMEOUT_MS: u32 = 60000;
/** How long a reset keeps COMPUTE_RUN deasserted. */
export const RESET_PULSE_MS: u32 = 100;
/** How long the rails stay off in a power cycle. */
export const CYCLE_OFF_MS: u32 = 2000;

/** 7-bit SMBus address of slot 0; slot n answers at this plus n. */
export const SMBUS_ADDRESS: u32 = 0x10;
/** The maker of the board; printable ASCII, 1 to 16 characters. */
export const MANUFACTURER: string = "Racklet";
/** Revision of the board; printable ASCII, 1 to 16 characters. */
export const BOARD_REVISION: string = "0.1.0";
/** Date of the board, YYMMDD. */
export const BOARD_DATE: string = "261121";

/** A current that switches the compute supply off at once. */
export const OVERCURRENT_MA: u32 = 5500;
/** The conversions in a row that it takes. */
export const OVERCURRENT_ROUNDS: u32 = 4;
/** Input power has failed once it was below its low fault limit for this long. */
export const BROWN_OUT_US: u32 = 1000;
/** The pauses before each retry after a fault. After them the fault is latched. */
export const RETRY_PAUSE_MS: StaticArray<u32> = [1000, 5000, 25000];
/** Once a slot has been on for this long, it has all retries again. */
export const GOOD_AFTER_MS: u32 = 60000;
/** The restore policy until one is set: last. */
export const RESTORE_POLICY: u32 = 0;
/** How long input power must be good. */
export const RESTORE_SETTLE_MS: u32 = 1000;
/** Slot n waits n times this long. */
export const RESTORE_STAGGER_MS: u32 = 500;

/** 7-bit address of the power monitor on I2C0; 0 if there is none. */
export const POWER_MONITOR_ADDRESS: u32 = 0x18;
/** The shunt between its SENSE pins. */
export const POWER_MONITOR_SHUNT_MICRO_OHM: u32 = 10000;
// Gains as powers of two: the highest that leave room for the limits of voltage and current.
export const POWER_MONITOR_VOLTAGE_GAIN_LOG2: u32 = 2;
export const POWER_MONITOR_CURRENT_GAIN_LOG2: u32 = 1;

// Limits, in mV, mA, mW and millidegrees. A quantity that the board does not measure has none.
/** There is no such limit. */
export const NO_LIMIT: i32 = -2147483648;
/** By quantity and LimitKind. */
export const LIMITS: StaticArray<i32> = [21000, 20400, 11400, 10800, 5500, 5300, 4750, 4600, 3630, 3465, 3135, 2970, 4000, 3000, NO_LIMIT, NO_LIMIT, 21000, 16000, NO_LIMIT, NO_LIMIT, 85000, 75000, -20000, -30000, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT];
/** Lowest limit that may be set, by quantity. */
export const LIMIT_MINIMUM: StaticArray<i32> = [9000, 4000, 2500, 0, 0, -40000, 0, 0];
/** Highest limit that may be set. */
export const LIMIT_MAXIMUM: StaticArray<i32> = [22000, 6000, 4000, 5000, 26000, 110000, 0, 0];
/** How far back within a limit a reading must come to count as good. */
export const HYSTERESIS: StaticArray<i32> = [200, 50, 30, 100, 500, 3000, 0, 0];
/** Beyond a warning limit for so long, a reading counts. */
export const WARNING_FILTER_MS: StaticArray<i32> = [100, 100, 100, 200, 200, 1000, 0, 0];
/** Beyond a fault limit for so long, a reading counts. */
export const FAULT_FILTER_MS: StaticArray<i32> = [20, 20, 20, 50, 50, 1000, 0, 0];
